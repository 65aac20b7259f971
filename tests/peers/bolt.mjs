// Slack's own framework for Node (@slack/bolt) against the Slack emulator: what works here works because the
// emulator is shaped like Slack, not like the bot's own client.
// Usage: node bolt.mjs <emulator binary>; exits 0 or 1.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { PATIENCE_MS, start, until } from './sandbox.mjs'

// The packages lie where the run installed them, not beside this file.
const { App, LogLevel } = createRequire(`${process.cwd()}/`)('@slack/bolt')

const sandbox = await start(process.argv[2])
const { slack, secrets } = sandbox.at
const app = new App({
  token: secrets.SLACK_BOT_TOKEN,
  appToken: secrets.SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: LogLevel.WARN,
  clientOptions: { slackApiUrl: `${slack.api}/` },
})
const heard = []
const note = (what) => heard.push(what)

const button = { type: 'button', action_id: 'agree', text: { type: 'plain_text', text: 'Agree' }, value: 'v1' }
const view = {
  type: 'modal',
  callback_id: 'form',
  title: { type: 'plain_text', text: 'A form' },
  submit: { type: 'plain_text', text: 'Send' },
  blocks: [
    {
      type: 'input',
      block_id: 'note',
      label: { type: 'plain_text', text: 'Note' },
      element: { type: 'plain_text_input', action_id: 'note' },
    },
  ],
}

app.command('/seqn', async ({ command, ack, say, client, respond }) => {
  note(`command ${command.text}`)
  if (command.text === 'form') {
    await ack()
    await client.views.open({ trigger_id: command.trigger_id, view })
  } else if (command.text === 'button') {
    await ack()
    await say({ text: 'Press it', blocks: [{ type: 'actions', elements: [button] }] })
  } else if (command.text === 'later') {
    await ack()
    await respond({ text: 'here it is', response_type: 'ephemeral' })
  } else {
    await ack(`you said ${command.text}`)
  }
})
app.event('app_mention', async ({ event, say }) => {
  note(`mention by ${event.user}`)
  await say({ text: 'you called', thread_ts: event.ts })
})
app.action('agree', async ({ ack, body, action, client }) => {
  await ack()
  note(`pressed ${action.value}`)
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: 'Agreed', blocks: [] })
})
app.view('form', async ({ ack, view: sent, body, client }) => {
  const value = sent.state.values.note.note.value
  if (value === 'bad') {
    await ack({ response_action: 'errors', errors: { note: 'not that' } })
    return
  }
  await ack()
  note(`form ${value}`)
  await client.chat.postEphemeral({ channel: slack.channels.support, user: body.user.id, text: `noted ${value}` })
})
app.error(async (error) => {
  console.error('bolt:', error)
  process.exitCode = 1
})

async function play() {
  await app.start()
  await sandbox.ask('slack connected')
  const me = await app.client.auth.test()
  assert.equal(me.user_id, slack.bot_user)

  await sandbox.ask('slack kim types support /seqn hello')
  const said = await sandbox.waitFor('slack', 'kim', 'the answer', (shown) => shown.text.includes('you said hello'))
  assert.match(said.audience, /Only/)
  await sandbox.ask('slack kim types support /seqn later')
  await sandbox.waitFor('slack', 'kim', 'the later answer', (shown) => shown.text.includes('here it is'))

  await sandbox.ask(`slack kim types support @seqn are you there?`)
  await sandbox.waitFor('slack', 'joe', 'the reply', (shown) => shown.text.includes('you called'))

  await sandbox.ask('slack kim types support /seqn button')
  await sandbox.waitFor('slack', 'kim', 'the button', (shown) => shown.buttons.includes('Agree'))
  await sandbox.ask('slack kim presses Agree')
  const agreed = await sandbox.waitFor('slack', 'kim', 'the edit', (shown) => shown.text.includes('Agreed'))
  assert.deepEqual([agreed.buttons, agreed.edits], [[], 1])

  await sandbox.ask('slack kim types support /seqn form')
  await sandbox.waitFor('slack', 'kim', 'the form', (shown) => shown.kind === 'Form')
  await sandbox.ask('slack kim submits note=bad')
  await sandbox.waitFor('slack', 'kim', 'the error', (shown) => shown.kind === 'Form' && shown.text.includes('not that'))
  await sandbox.ask('slack kim submits note=fine')
  await sandbox.waitFor('slack', 'kim', 'the note', (shown) => shown.text.includes('noted fine'))

  // What Slack refuses is refused, in the words that bolt knows.
  const wrong = app.client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' })
  await assert.rejects(wrong, (error) => error.data?.error === 'channel_not_found')
  await until('all was heard', async () => heard.length >= 7)
  assert.ok(heard.includes('pressed v1') && heard.includes('form fine'), heard.join('; '))
}

// Something that hangs is a failure too.
setTimeout(() => {
  console.error('bolt: not in time')
  process.exit(1)
}, 4 * PATIENCE_MS).unref()
try {
  await play()
  console.log(`bolt ${heard.length} events, all as with Slack`)
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  await app.stop()
  sandbox.stop()
}
