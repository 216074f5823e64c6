declare const HACTL_VERSION: string | undefined

/** The version of hactl, put in by the build; sources run without a build say so. */
export const VERSION: string = typeof HACTL_VERSION === 'string' ? HACTL_VERSION : '0.0.0-source'
