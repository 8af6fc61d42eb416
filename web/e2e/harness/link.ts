import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { netem } from './paths'
import { freePort } from './server'

/** What a link does: rate in kbit/s, delay, jitter and queue in ms, loss in percent, burst in packets. */
export interface Impairment {
  direction?: 'up' | 'down'
  rate?: number
  delay?: number
  jitter?: number
  queue?: number
  loss?: number
  burst?: number
}

/** True where emulated links can be made. */
export const canEmulateLinks = process.getuid?.() === 0

let made = 0

/** An emulated link into a namespace of its own, in which a browser or a server runs. */
export class Link {
  private constructor(
    private readonly process: ChildProcess,
    private readonly control: string,
    readonly namespace: string,
    /** The address of this side: what a browser inside calls. */
    readonly host: string,
    /** The address inside: what a browser on this side calls. */
    readonly inside: string,
    /** A program that runs Chromium inside the namespace. */
    readonly chromium: string,
  ) {}

  static async make(): Promise<Link> {
    const number = ++made
    const namespace = `pl${process.pid % 100_000}-${number}`
    const subnet = `10.99.${number}`
    const control = `127.0.0.1:${await freePort()}`
    const child = spawn(netem, ['-namespace', namespace, '-subnet', subnet, '-control', control], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const wrapper = join(mkdtempSync(join(tmpdir(), 'parley-link-')), 'chromium')
    writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${namespace} /usr/bin/chromium "$@"\n`)
    chmodSync(wrapper, 0o755)
    return new Link(child, control, namespace, `${subnet}.1`, `${subnet}.2`, wrapper)
  }

  /** How Chromium is started inside, where it trusts the address as it does a secure one. */
  browser(url: string) {
    return {
      executablePath: this.chromium,
      args: [`--unsafely-treat-insecure-origin-as-secure=${url}`],
    }
  }

  /** How somebody inside visits a server that listens everywhere. */
  visitor({ port }: { port: number }) {
    const url = `http://${this.host}:${port}`
    return { url, ...this.browser(url) }
  }

  async impair(impairment: Impairment): Promise<void> {
    const query = new URLSearchParams(Object.entries(impairment).map(([k, v]) => [k, String(v)]))
    const response = await fetch(`http://${this.control}/set?${query}`)
    if (!response.ok) throw new Error(await response.text())
  }

  /** Nothing passes. */
  cut = () => this.impair({ loss: 100 })
  /** Everything passes again. */
  heal = () => this.impair({ loss: 0 })

  async close(): Promise<void> {
    const ended = once(this.process, 'exit')
    this.process.kill('SIGINT')
    await ended
    rmSync(dirname(this.chromium), { recursive: true })
  }
}
