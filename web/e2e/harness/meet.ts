import { Person, type Visitor } from './call'
import { type Account, type Meeting, twoMembers } from './company'
import { FirefoxPerson } from './firefox'
import { Server, type ServerOptions } from './server'

/** Two members on the stage of a meeting: Maya Chen, who hosts it, and Kenji Mori. */
export interface Met<Kenji> {
  server: Server
  owner: Account
  second: Account
  meeting: Meeting
  maya: Person
  kenji: Kenji
  /** Ends the browsers and the server. */
  close(): Promise<void>
}

/** What is special about a browser; it may depend on the server's address. */
type Special = Partial<Visitor> | ((server: Server) => Partial<Visitor>)

interface Setup<Kenji> {
  server?: ServerOptions
  maya?: Special
  /** Runs when both have their browsers, before they join. */
  before?: (maya: Person, kenji: Kenji) => Promise<void>
}

/** Both with Chromium, each with a camera and a microphone of their own. */
export function meet(setup: Setup<Person> & { kenji?: Special } = {}): Promise<Met<Person>> {
  return join(setup, (server, account) =>
    Person.open({ url: server.url, account, identity: 2, ...special(setup.kenji, server) }),
  )
}

/** Maya with Chromium, Kenji with Firefox. */
export function meetFirefox(setup: Setup<FirefoxPerson> = {}): Promise<Met<FirefoxPerson>> {
  return join(setup, ({ url }, account) => FirefoxPerson.open({ url, account }))
}

const special = (own: Special | undefined, server: Server) => (typeof own === 'function' ? own(server) : own)

async function join<Kenji extends Pick<Person, 'join' | 'close'>>(
  setup: Setup<Kenji>,
  open: (server: Server, account: Account) => Promise<Kenji>,
): Promise<Met<Kenji>> {
  const server = await Server.start(setup.server)
  const opened: { close(): Promise<void> }[] = [server]
  const close = async () => {
    for (const one of opened.toReversed()) await one.close()
  }
  try {
    const { owner, second, meeting } = await twoMembers(server)
    const maya = await Person.open({
      url: server.url,
      account: owner,
      identity: 1,
      ...special(setup.maya, server),
    })
    opened.push(maya)
    const kenji = await open(server, second)
    opened.push(kenji)
    await setup.before?.(maya, kenji)
    await maya.join(meeting.code)
    await kenji.join(meeting.code)
    return { server, owner, second, meeting, maya, kenji, close }
  } catch (error) {
    await close()
    throw error
  }
}
