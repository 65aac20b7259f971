// What people do in the story of the status page, and what the page has to tell after each of it.

/** A word that has no place to break. */
const LONG = `/v1/${'organizationsAndMembers'.repeat(6)}`

/** What people type before each state of the page, and what it has to say then: how it stands, and the last word of each. */
export const SCENES = [
  { typed: [], state: 'All systems operational', incidents: [] },
  {
    typed: [
      'as kim',
      '/incident open "Sign-in is slow & <b>odd</b>" severity=sev2 impact="sign-in takes 30 seconds" routes=/auth/login ' +
        'mitigation="we look for the cause"',
      'press Confirm',
    ],
    state: 'Partial outage',
    incidents: [['Sign-in is slow & <b>odd</b>', 'Investigating', 'sign-in takes 30 seconds']],
  },
  {
    typed: [
      'advance 10m',
      'as mira',
      '/incident update "it is a bad deploy" phase=identified incident=INC-1',
      'press Confirm',
    ],
    state: 'Partial outage',
    incidents: [['Sign-in is slow & <b>odd</b>', 'Identified', 'it is a bad deploy']],
  },
  {
    typed: ['advance 10m', '/incident update "it is rolled back" phase=monitoring incident=INC-1', 'press Confirm'],
    state: 'Partial outage',
    incidents: [['Sign-in is slow & <b>odd</b>', 'Monitoring', 'it is rolled back']],
  },
  {
    typed: [
      'advance 10m',
      'as kim',
      `/incident open "Nobody can sign in" severity=sev1 impact="every sign-in fails" routes=${LONG} mitigation="we look"`,
      'press Confirm',
    ],
    state: 'Major outage',
    incidents: [
      ['Nobody can sign in', 'Investigating', 'every sign-in fails'],
      ['Sign-in is slow & <b>odd</b>', 'Monitoring', 'it is rolled back'],
    ],
  },
  {
    typed: [
      'advance 10m',
      'as mira',
      '/incident update "all is well again" phase=resolved incident=INC-1',
      'press Confirm',
    ],
    state: 'Major outage',
    incidents: [['Nobody can sign in', 'Investigating', 'every sign-in fails']],
    past: [['Sign-in is slow & <b>odd</b>', 'Resolved', 'all is well again']],
  },
  {
    typed: [
      'advance 10m',
      '/incident close cause="a bad build" customer-impact="slow sign-in" prevention="canary first" owner=mira incident=INC-1',
      'press Confirm',
    ],
    state: 'Major outage',
    incidents: [['Nobody can sign in', 'Investigating', 'every sign-in fails']],
    past: [['Sign-in is slow & <b>odd</b>', 'Resolved', 'a bad build']],
  },
]

/** All incidents of a state: title, state and the newest text. */
export const all = (at) => [...SCENES[at].incidents, ...(SCENES[at].past ?? [])]
/** What was said of an incident until then, the newest first. */
export const history = (title, at) => {
  const news = SCENES.slice(0, at + 1).flatMap((_, then) => all(then).filter(([name]) => name === title))
  return news.filter(([, , text], here) => here === 0 || text !== news[here - 1][2]).reverse()
}
