// A real Request Tracker 5 is the bot's tracker: its tickets decide whether an action runs, and every note of the bot is
// there once, as a comment that no customer gets; also where an answer was lost, and where RT was away. Only a reply, which
// somebody has confirmed, is correspondence and a mail to the customer.
// Usage: node request_tracker.mjs <emulator binary> <bot binary> <command that runs another one where RT's files are>
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programs } from './programs.mjs'
import { requestTracker, way } from './rt.mjs'
import { start, until } from './sandbox.mjs'

const CUSTOMER = 'customer@acme.example'
/** What the customer is written, letter for letter. */
const REPLIED = 'It works again — Größe 😀 & no more <b>markup</b>'
/** What a note has to come through with, letter for letter. */
const NOTED = 'the receiver answers <b>410</b> — Größe 😀 & no more'

const own = await programs('request-tracker')
const sandbox = await start(process.argv[2])
const rt = await requestTracker(own, process.argv[4])
const wire = await way(rt)
let running

/** Starts the bot, in the place of the one before, with that token and that word for a tracker that cannot be asked. */
async function bot(token, whenDown) {
  if (running) {
    const ended = once(running.child, 'exit')
    running.child.kill('SIGTERM')
    await ended
  }
  const { settings } = await sandbox.ask(`settings ${join(own.folder, 'bot.sqlite')}`)
  const tracker = `[tracker]
kind = "request-tracker"
base = "${wire.at}"
queue = "Support"
prefix = "SUP-"
when_down = "${whenDown}"
token = { env = "REQUEST_TRACKER_TOKEN" }
`
  const config = settings.replace(/\[tracker\]\n(?:.+\n)+/, tracker)
  assert.ok(config.includes(tracker) && !config.includes('kind = "github"\n'))
  await writeFile(join(own.folder, 'bot.toml'), `${config}\n[health]\nlisten = "127.0.0.1:0"\n`)
  const env = { ...sandbox.at.secrets, REQUEST_TRACKER_TOKEN: token }
  running = own.program(process.argv[3], ['run', '--config', join(own.folder, 'bot.toml')], env)
  await own.address(running, /health\.address=([0-9.:]+)/)
  await sandbox.ask('discord connected')
}

const sees = (what) => sandbox.waitFor('discord', 'kim', what, (shown) => shown.text.includes(what))
const types = (text) => sandbox.ask(`discord kim types support ${text}`)

/** Types what changes something, agrees to it by that button, and sees that it was done. */
async function does(text, yes = 'Confirm') {
  const before = new Set((await sandbox.sees('discord', 'kim')).map((shown) => shown.id))
  await types(text)
  const { id } = await sandbox.waitFor('discord', 'kim', `a preview of ${text}`,
    (shown) => !before.has(shown.id) && shown.buttons.includes(yes))
  await sandbox.ask(`discord kim presses ${yes}`)
  await sandbox.waitFor('discord', 'kim', `${text} is done`, (shown) => shown.id === id && shown.text.includes('Done and confirmed'))
}

const stops = async (ticket, says) => {
  await types(`/seqn webhook acme wh_orders test=yes ticket=${ticket}`)
  await sees(says)
}

/** A ticket's history as RT has it: what each entry is, with its text. */
async function history(ticket) {
  const entries = await rt.ask('GET', `/ticket/${ticket}/history?fields=Type&per_page=100`)
  const kinds = new Map(entries.items.map((entry) => [entry.id, entry.Type]))
  const { items } = await rt.ask('GET', `/ticket/${ticket}/attachments?fields=Subject,Content,TransactionId,ContentType&per_page=100`)
  return items.map((item) => ({
    kind: kinds.get(item.TransactionId), subject: item.Subject, text: item.Content, type: item.ContentType,
  }))
}

const comments = async (ticket) => (await history(ticket)).filter((one) => one.kind === 'Comment')

/** Waits until a ticket has so many texts of ours; RT answers one question at a time, so that it is asked but one. */
async function noted(ticket, many) {
  const ours = async () => {
    const { items } = await rt.ask('GET', `/ticket/${ticket}/attachments?fields=Subject&per_page=100`)
    return items.filter((item) => item.Subject.startsWith('seqn-chatops ')).length
  }
  await until(`${ticket} has ${many} notes`, async () => (await ours()) >= many, async () => running.log)
}

async function tickets() {
  await rt.ask('POST', '/queue', { Name: 'Support', Lifecycle: 'default' })
  await rt.ask('POST', '/queue', { Name: 'Desk', Lifecycle: 'desk' })
  const create = (Queue, Subject, more) => rt.ask('POST', '/ticket', { Queue, Subject, Content: 'Help', ContentType: 'text/plain', ...more })
  const ids = []
  ids.push(await create('Support', 'My orders are late', { Requestor: CUSTOMER }))
  ids.push(await create('Support', 'It is done', { Status: 'resolved' }))
  ids.push(await create('Desk', 'At the desk', { Status: 'with-customer', Requestor: CUSTOMER }))
  ids.push(await create('Desk', 'From the desk', { Status: 'done' }))
  assert.deepEqual(ids.map(({ id }) => id), ['1', '2', '3', '4'])
  assert.ok((await rt.mails()).includes(`To: ${CUSTOMER}`), 'what RT sends to a customer is seen here')
}

/** Tickets decide, and notes are comments. */
async function plain() {
  await bot(rt.token, 'stop')
  await stops('SUP-2', 'The ticket SUP-2 is closed.')
  await stops('SUP-4', 'The ticket SUP-4 is closed.')
  await stops('SUP-99', 'The tracker has no ticket SUP-99.')
  await stops('OPS-1', 'The tracker has no ticket OPS-1.')
  assert.ok(wire.seen.every((line) => line.startsWith('GET ')), 'what is stopped writes nothing')
  const mailed = await rt.mails()
  await does('/seqn revoke-session org=acme user=jo@acme.example session=ses_jo_laptop ticket=SUP-1 reason="lost laptop"')
  await noted(1, 1)
  const [note, ...more] = (await history(1)).filter((one) => one.subject.startsWith('seqn-chatops '))
  assert.deepEqual([note.kind, more], ['Comment', []], 'a note is one comment, and no reply')
  assert.match(note.text, /Asked by kim\.[^]*Reference: rq-/i)
  await does('/case open acme ticket=SUP-3 class=webhook')
  await noted(3, 1)
  await does(`/case note "${NOTED}"`)
  await noted(3, 2)
  const last = (await comments(3)).find((one) => one.text.includes(NOTED))
  assert.ok(last, JSON.stringify(await comments(3)))
  assert.equal(last.type, 'text/plain')
  assert.equal(await rt.mails(), mailed, 'nobody is written to')
  console.log('open, resolved, unknown and strange tickets are told apart, also by a lifecycle of its own; a note is a comment, as it was written')
}

/** An answer that is lost makes no second note. */
async function lost() {
  wire.lose()
  await does('/case note "said once"')
  await until('the note is looked for', async () => wire.lost() && wire.seen.some((line) => line.includes('/ticket/3/attachments')))
  await does('/case note "said after it"')
  await noted(3, 4)
  const texts = (await comments(3)).map((one) => one.text)
  assert.equal(texts.filter((text) => text.includes('said once')).length, 1, texts.join('\n--\n'))
  console.log('a note whose answer was lost is found in the history and not repeated')
}

/** An incident, from its opening to its close, and the ticket that is to keep it from coming back. */
async function incident() {
  await does('/incident open "Sign-in is slow" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login mitigation="we look for the cause" commander=@kim')
  await noted(5, 1)
  await does('/incident update "all is well again" phase=resolved incident=INC-1')
  await noted(5, 2)
  const { Subject: subject, Status: status, Queue: queue } = await rt.ask('GET', '/ticket/5')
  assert.match(subject, /Sign-in is slow \[rq-[a-z0-9]+\]$/)
  assert.equal(status, 'resolved')
  assert.equal((await rt.ask('GET', `/queue/${queue.id}`)).Name, 'Support')
  await does('/incident close cause="a bad deploy" customer-impact="20 minutes" prevention="canary first" owner=kim incident=INC-1')
  await noted(6, 1)
  assert.match((await rt.ask('GET', '/ticket/6')).Subject, /INC-1: canary first \[rq-.*:tracker\]$/)
  await noted(5, 3)
  assert.equal((await rt.ask('GET', '/tickets?query=id%20%3E%206')).total, 0, 'and no further ticket was made')
  console.log('an incident is one ticket, resolved at its end, and its prevention is one')
}

const replies = async (ticket) => (await history(ticket)).filter((one) => one.kind === 'Correspond')

/** A reply is a mail to the customer with that text and nothing of ours; with a lost answer it is there once as well. */
async function replied() {
  const [before, comment] = [await rt.mails(), (await comments(3)).length]
  await does(`/case reply "${REPLIED}"`, 'Send to the customer')
  const [first, ...more] = await replies(3)
  assert.deepEqual([first.text, first.type, more], [REPLIED, 'text/plain', []])
  assert.match(first.subject, /^At the desk \(ref [0-9a-f]{8}\)$/)
  await until('the mail is out', async () => (await rt.mails()).length > before.length)
  const mail = (await rt.mails()).slice(before.length)
  assert.ok(mail.includes(`To: ${CUSTOMER}`) && !/rq-|seqn-chatops/i.test(mail), mail)
  wire.lose()
  await does('/case reply "Once more."', 'Send to the customer')
  await until('the reply is looked for', async () => wire.lost())
  assert.deepEqual((await replies(3)).map((one) => one.text), [REPLIED, 'Once more.'])
  assert.equal(wire.seen.filter((line) => line.includes('/correspond')).length, 2)
  await noted(3, comment + 2)
  assert.ok((await comments(3)).every((one) => !one.text.includes(REPLIED)))
  console.log('a reply is correspondence and a mail, as it was written; a note about it is a comment')
}

/** A wrong token is called that. */
async function strange() {
  await bot(rt.token.replace(/.$/, (last) => (last === '0' ? '1' : '0')), 'stop')
  await stops('SUP-1', "Request Tracker did not accept the bot's credential (401)")
  assert.ok(!running.log.includes(rt.token.slice(0, -1)), 'a token is in no log')
  console.log('with a wrong token nothing is done, and it is said why')
}

/** RT is away when a note is owed, and has it once when it is back. */
async function away() {
  await bot(rt.token, 'go-on')
  const before = (await comments(1)).length
  await rt.kill()
  await does('/seqn revoke-session org=acme user=jo@acme.example session=latest ticket=SUP-1 reason="lost phone"')
  // What may have been taken is looked for first.
  const tries = () => wire.seen.filter((line) => line.includes('/REST/2.0/ticket/1/')).length
  const first = tries()
  await until('it is tried again', async () => tries() > first)
  await rt.start()
  await noted(1, before + 1)
  await does('/seqn webhook acme wh_orders test=yes ticket=SUP-1')
  await noted(1, before + 2)
  const references = (await comments(1)).map((one) => /Reference: (rq-\S+)/.exec(one.text)[1])
  assert.equal(new Set(references).size, references.length, 'each is there once')
  console.log('what is owed while RT is killed is there once when it is back')
}

try {
  await tickets()
  await plain()
  await lost()
  await replied()
  await incident()
  await strange()
  await away()
  for (const ticket of [1, 2, 3, 4, 5, 6]) {
    const kinds = (await history(ticket)).map((one) => one.kind)
    const ours = ticket === 3 ? 2 : 0
    assert.ok(kinds.length > 0 && kinds.every((kind) => ['Create', 'EmailRecord', 'Comment', 'Correspond'].includes(kind)), `${ticket}: ${kinds}`)
    assert.equal(kinds.filter((kind) => kind === 'Correspond').length, ours, `who was replied to on ${ticket}: ${kinds}`)
  }
  assert.ok(wire.seen.every((line) => !line.includes('correspond') || line === 'POST /REST/2.0/ticket/3/correspond'))
} finally {
  wire.close()
  sandbox.stop()
  await own.end()
}
