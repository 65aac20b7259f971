// Programs of others that a peer starts, and the one that two peers need: Debian's Alertmanager.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './sandbox.mjs'

/** A folder of its own and the programs that run in it; `end` ends them and removes it. */
export async function programs(name) {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  const children = []

  /** A program whose output is kept. No proxy of this machine may stand between loopback and loopback. */
  function program(path, words, env = {}) {
    const child = spawn(path, words, { env: { ...env, PATH: process.env.PATH, HOME: folder } })
    const running = { child, log: '' }
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { running.log += text })
    children.push(child)
    return running
  }

  /** Waits for what a program says of its address, and gives it. */
  async function address(running, says) {
    const [, at] = await until(`it says where it listens: ${says}`, async () => says.exec(running.log), async () => running.log)
    return at
  }

  async function end() {
    for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }
  return { folder, program, address, end }
}

/** Starts Alertmanager with that configuration: its address, and how it is told of an alert. */
export async function alertmanager({ folder, program, address }, command, config) {
  const file = join(folder, 'alertmanager.yml')
  await writeFile(file, config)
  const running = program(command, [
    `--config.file=${file}`, `--storage.path=${join(folder, 'alertmanager')}`,
    '--web.listen-address=127.0.0.1:0', '--cluster.listen-address=',
  ])
  const at = `http://${await address(running, /Listening on.*address=([0-9.:]+)/)}`
  const tell = async (labels, more = {}) => {
    const alert = { labels, annotations: { summary: `${labels.alertname} is there` }, ...more }
    const answer = await fetch(`${at}/api/v2/alerts`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([alert]),
    })
    assert.equal(answer.status, 200, await answer.text())
  }
  return { at, tell }
}
