import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Link } from './link'
import { binary } from './paths'

/** A TCP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

export interface ServerOptions {
  /** More environment for the program. */
  env?: Record<string, string>
  /** Listen on all addresses of the test's namespace, for browsers behind an emulated link. */
  everywhere?: boolean
  /** Run at the far end of an emulated link. */
  behind?: Link
  /** A subcommand in place of serving, such as demo. */
  command?: string
}

/** The real program on free ports with a data folder of its own. */
export class Server {
  private child: ChildProcess | undefined
  private output = ''
  private readonly folder = mkdtempSync(join(tmpdir(), 'parley-e2e-'))

  private constructor(
    readonly port: number,
    private readonly udpPort: number,
    private readonly tcpPort: number,
    private readonly options: ServerOptions,
  ) {}

  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(await freePort(), await freeUdpPort(), await freePort(), options)
    await server.run()
    return server
  }

  /** The address for browsers on this side. */
  get url(): string {
    return `http://${this.options.behind?.inside ?? '127.0.0.1'}:${this.port}`
  }

  get pid(): number {
    return this.child?.pid ?? 0
  }

  /** What the program has printed. */
  get log(): string {
    return this.output
  }

  /** The one-use link that makes the first administrator. */
  get setupLink(): string {
    const link = /https?:\/\/\S+\/setup#\S+/.exec(this.output)?.[0]
    if (!link) throw new Error(`no set-up link in:\n${this.output}`)
    return link
  }

  /** Starts the program (again); resolves with the milliseconds until it was ready. */
  async run(): Promise<number> {
    const started = performance.now()
    const { behind, everywhere, command } = this.options
    const program = behind ? ['ip', 'netns', 'exec', behind.namespace, binary] : [binary]
    const [first = binary, ...rest] = command ? [...program, command] : program
    const child = spawn(first, rest, {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        PARLEY_LISTEN: `${everywhere || behind ? '0.0.0.0' : '127.0.0.1'}:${this.port}`,
        PARLEY_PUBLIC_URL: this.url,
        PARLEY_DATA_DIR: this.folder,
        PARLEY_MEDIA_UDP_ADDR: `:${this.udpPort}`,
        PARLEY_MEDIA_TCP_ADDR: `:${this.tcpPort}`,
        PARLEY_ADMIN_LISTEN: `127.0.0.1:0`,
        ...this.options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    const before = this.output.length
    child.stdout.on('data', (chunk: Buffer) => (this.output += chunk))
    child.stderr.on('data', (chunk: Buffer) => (this.output += chunk))
    while (!this.output.includes('is ready', before) || !(await this.isReady())) {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${this.output}`)
      if (performance.now() - started > 60_000) throw new Error(`the server is not ready:\n${this.output}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return performance.now() - started
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok
    } catch {
      return false
    }
  }

  /** Ends the program; SIGTERM lets it tell the members first. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** Ends the program and removes its data. */
  async close(): Promise<void> {
    await this.end()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
