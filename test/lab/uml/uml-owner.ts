import {bootUml} from './machine.ts'

/** A program that runs a machine in which something sleeps for longer than anybody waits. */
void bootUml({files: {}, script: 'touch started; sleep 1000', timeoutMs: 100_000}, () => {})
