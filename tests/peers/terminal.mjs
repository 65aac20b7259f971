// The sandbox at its terminal, as a Node program uses it: types lines, and waits until it shows what a person waits for.
import { spawn } from 'node:child_process'
import { until } from './sandbox.mjs'

/** What a person waits to see after a line with that beginning. */
const SEEN = [
  ['/incident ', 'Confirm'],
  ['press Confirm', 'Done and confirmed'],
  ['', '> '],
]
/** The terminal is ready for the next line. */
const PROMPT = /^\w+@\w+ #\w+> $/m

/** Starts the sandbox with that database. */
export function open(binary, database) {
  const bot = spawn(binary, ['sandbox', '--database', database], { stdio: ['pipe', 'pipe', 'inherit'] })
  let log = ''
  bot.stdout.on('data', (text) => {
    log += text
  })
  const ready = (from, what) =>
    until(
      what,
      async () => PROMPT.test(log.slice(from)),
      async () => log,
    )
  const enters = (text) => {
    const from = log.length
    bot.stdin.write(`${text}\n`)
    return ready(from, `an answer to "${text}"`)
  }
  return {
    log: () => log,
    ready: () => ready(0, 'the terminal is ready'),
    /** Types a line, and looks again until it has its effect: the terminal shows what is new after each line. */
    async types(line) {
      const [, sees] = SEEN.find(([begin]) => line.startsWith(begin))
      const from = log.length
      await enters(line)
      const looks = async () => {
        if (log.slice(from).includes(sees)) return true
        await enters('')
        return false
      }
      await until(`${sees} after "${line}"`, looks, async () => log)
    },
    stop() {
      bot.stdin.end()
      if (bot.exitCode === null) bot.kill('SIGTERM')
    },
  }
}
