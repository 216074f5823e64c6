import type {Host} from './host.ts'
import type {LabProcess} from './lab-process.ts'

/** Starts nginx on port 80 of a host; it answers every request with the host's name. */
export async function startNginx(host: Host): Promise<LabProcess> {
  host.writeFile('/run/nginx/nginx.conf', nginxConfig(host.name))
  const program = await host.start(['nginx', '-p', '/run/nginx/', '-e', 'stderr', '-c', '/run/nginx/nginx.conf'])
  await Promise.race([
    host.listening(80),
    program.exited.then(() => {
      throw new Error(`nginx on ${host.name} ended: ${program.describe()}`)
    }),
  ])
  return program
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** Everything below its own prefix, and as root: in a user namespace there is nobody else. */
const nginxConfig = (name: string): string => `daemon off;
user root;
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
${TEMPORARY.map(kind => `  ${kind}_temp_path ${kind};`).join('\n')}
  server {
    listen 80;
    location / { default_type text/plain; return 200 "${name}\\n"; }
  }
}
`
