// A real Request Tracker 5: made with a database of its own, started, killed and started again; and the way to it, on
// which an answer can be lost.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { until } from './sandbox.mjs'

/** How often another port is tried: the one that was free may be taken until RT has it. */
const PORTS_MOST = 3
/** The first login of every RT. */
const ROOT = `Basic ${Buffer.from(['root', 'password'].join(':')).toString('base64')}`
/** What the documentation says that the bot's user needs. */
const RIGHTS = ['ShowTicket', 'ShowTicketComments', 'CommentOnTicket', 'ReplyToTicket', 'CreateTicket', 'ModifyTicket']

/** A lifecycle with none of the usual words. */
const LIFECYCLE = `
Set(%Lifecycles, desk => {
  type => 'ticket', initial => ['untriaged'], active => ['with-customer'], inactive => ['done'],
  defaults => { on_create => 'untriaged' },
  transitions => { '' => ['untriaged', 'with-customer', 'done'], untriaged => ['with-customer', 'done'],
    'with-customer' => ['done'], done => ['with-customer'] },
  rights => { '* -> *' => 'ModifyTicket' }, actions => [],
});`

/** The bot's user, who may do what the documentation says and nothing else, and its token. */
const USER = `
use lib '/usr/share/request-tracker5/lib'; use RT -init; use RT::AuthToken;
my $user = RT::User->new(RT->SystemUser);
my ($made, $why) = $user->Create(Name => 'chatops', Privileged => 1); die $why unless $made;
for my $right (qw(${RIGHTS.join(' ')})) {
  my ($given, $not) = $user->PrincipalObj->GrantRight(Right => $right, Object => RT->System); die $not unless $given;
}
my ($kept, $says, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->Id, Description => 'chatops');
die $says unless $kept; print "token=$token\\n";`

async function freePort() {
  const server = createTcp().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Makes that RT. `enter` is the command that runs another one where RT's files are. */
export async function requestTracker({ folder, program }, enter) {
  const [site, mails, sendmail] = ['site.pm', 'mails', 'sendmail'].map((name) => join(folder, name))
  const env = { RT_SITE_CONFIG: site }
  let at
  let running

  async function configure(port) {
    at = `http://127.0.0.1:${port}`
    const plain = {
      rtname: 'seqn.test', Organization: 'seqn.test', CorrespondAddress: 'rt@seqn.test', CommentAddress: 'note@seqn.test',
      WebDomain: '127.0.0.1', WebPort: port, WebBaseURL: at, WebPath: '', DatabaseType: 'SQLite',
      DatabaseName: join(folder, 'rt.sqlite'), DatabaseHost: '', DatabasePort: '', DatabaseUser: '', DatabasePassword: '',
      DatabaseAdmin: '', MailCommand: 'sendmailpipe', SendmailPath: sendmail, LogToSTDERR: 'warning', LogToSyslog: '',
    }
    const lines = Object.entries(plain).map(([name, value]) => `Set($${name}, '${value}');`)
    await writeFile(site, [...lines, LIFECYCLE, '1;', ''].join('\n'))
  }

  async function done(what, words) {
    const child = program(enter, words, env)
    const [code] = await once(child.child, 'close')
    assert.equal(code, 0, `${what}: ${child.log}`)
    return child.log
  }

  /** Asks RT as its root, past the way that the bot takes. */
  async function ask(method, path, body) {
    const headers = { authorization: ROOT, 'content-type': 'application/json' }
    const answer = await fetch(`${at}/REST/2.0${path}`, { method, headers, body: body && JSON.stringify(body) })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return text && JSON.parse(text)
  }

  async function start() {
    for (let left = PORTS_MOST; ; left -= 1) {
      const port = await freePort()
      await configure(port)
      const words = ['/usr/share/request-tracker5/libexec/rt-server', '--server', 'Standalone', '--host', '127.0.0.1']
      running = program(enter, [...words, '--port', String(port)], env)
      const { child } = running
      const answers = async () => {
        if (child.exitCode !== null) return 'ended'
        return fetch(`${at}/REST/2.0/rt`).then((answer) => answer.status === 401 && 'ready', () => false)
      }
      if ((await until('RT answers', answers, async () => running.log)) === 'ready') return
      assert.ok(left > 0, running.log)
    }
  }

  async function kill() {
    const ended = once(running.child, 'exit')
    running.child.kill('SIGKILL')
    await ended
  }

  await writeFile(sendmail, `#!/bin/sh\ncat >>'${mails}'\n`)
  await chmod(sendmail, 0o755)
  await writeFile(mails, '')
  await configure(await freePort())
  const setup = ['--action', 'init', '--skip-create', '--dba', '', '--dba-password', '']
  await done('the database is made', ['/usr/sbin/rt-setup-database-5', ...setup])
  const [, token] = /^token=(.*)$/m.exec(await done('the bot has a user', ['perl', '-e', USER]))
  await start()
  return { ask, start, kill, token, at: () => at, mails: () => readFile(mails, 'utf8') }
}

/** The bot's way to RT: `lose` lets the next POST happen there and loses its answer. */
export async function way(rt) {
  const seen = []
  let losing = 0
  const server = createServer((asked, answer) => {
    seen.push(`${asked.method} ${asked.url}`)
    const lost = asked.method === 'POST' && losing > 0
    if (lost) losing -= 1
    const broken = () => answer.destroy()
    const there = request(`${rt.at()}${asked.url}`, { method: asked.method, headers: asked.headers }, (got) => {
      if (lost) got.resume().on('end', broken)
      else got.on('error', broken).pipe(answer.writeHead(got.statusCode, got.headers))
    })
    asked.pipe(there.on('error', broken))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    at: `http://127.0.0.1:${server.address().port}`,
    seen,
    lose: () => { losing = 1 },
    lost: () => losing === 0,
    close: () => { server.close(); server.closeAllConnections() },
  }
}
