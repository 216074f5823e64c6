import {playDemo} from './play.ts'

// Not process.exit: what was written must still get out.
void playDemo(process.stdout).then(code => {
  process.exitCode = code
})
