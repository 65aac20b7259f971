// The emulators as a Node program uses them: starts the binary, sends it lines, reads its answers.
// It waits by asking again and stops the binary by closing its input.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

/** How long something may take to appear, in ms: far more than loopback needs. */
export const PATIENCE_MS = 20_000
/** How long to wait before asking again, in ms. */
const AGAIN_MS = 25

export async function start(binary) {
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the emulator stopped')
    return JSON.parse(value)
  }
  const at = await next()
  const ask = async (line) => {
    child.stdin.write(`${line}\n`)
    const answer = await next()
    if (answer.error) throw new Error(`${line}: ${answer.error}`)
    return answer
  }
  const sees = async (stage, who) => (await ask(`${stage} ${who} sees`)).sees
  return {
    at,
    ask,
    sees,
    /** Waits until that person sees something that fits, and gives it. */
    waitFor: (stage, who, what, fits) =>
      until(`${who} sees ${what}`, async () => (await sees(stage, who)).findLast((shown) => !shown.gone && fits(shown)),
        async () => JSON.stringify(await sees(stage, who))),
    stop: () => child.stdin.end(),
  }
}

/** Asks until there is an answer. */
export async function until(what, question, otherwise = async () => '') {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await question()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`not in time: ${what}\n${await otherwise()}`)
    await pause(AGAIN_MS)
  }
}
