import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import puppeteer, { type Browser as FirefoxBrowser } from 'puppeteer-core'
import { camera, type Identity, microphone } from './media'

const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
]

export interface ChromiumOptions {
  /** Camera and microphone of this identity; without it the browser has no devices. */
  identity?: Identity
  /** A file in place of the identity's camera, such as the detailed one. */
  camera?: string
  /** So many of Chromium's own fake cameras, and its fake microphones. The second camera is of depth and never encoded. */
  builtinCameras?: number
  /** The browser asks before it gives a device away, as people's browsers do; the test answers for them. */
  asksForDevices?: boolean
  /** The browser plays no sound before a click, as people's browsers do. */
  blocksAutoplay?: boolean
  args?: string[]
  /** A program that starts Chromium, such as Link.chromium. */
  executablePath?: string
}

/** One Chromium process: one camera and one microphone. */
export function launchChromium({
  identity,
  camera: file,
  builtinCameras,
  asksForDevices,
  blocksAutoplay,
  args = [],
  executablePath,
}: ChromiumOptions = {}): Promise<Browser> {
  const flags = [...quiet, ...args]
  if (!blocksAutoplay) flags.push('--autoplay-policy=no-user-gesture-required')
  if (builtinCameras !== undefined)
    flags.push(`--use-fake-device-for-media-stream=device-count=${builtinCameras}`)
  else if (identity) flags.push('--use-fake-device-for-media-stream')
  if (!asksForDevices) flags.push('--use-fake-ui-for-media-stream')
  if (identity) {
    flags.push(
      `--use-file-for-fake-video-capture=${file ?? camera(identity)}`,
      `--use-file-for-fake-audio-capture=${microphone(identity)}`,
    )
  }
  return chromium.launch({
    executablePath: executablePath ?? '/usr/bin/chromium',
    args: flags,
    ignoreDefaultArgs: ['--mute-audio'], // with it the sound of a tab cannot be captured
    chromiumSandbox: false,
  })
}

/** Firefox ESR over WebDriver BiDi, with its fake camera and a 1 kHz microphone, on a display of its own. */
export async function launchFirefox(
  preferences: Record<string, string | number | boolean> = {},
): Promise<{ browser: FirefoxBrowser; close: () => Promise<void> }> {
  const display = await startDisplay()
  const sound = await startSound()
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    headless: false,
    env: { ...process.env, DISPLAY: display.name, PULSE_SERVER: sound.server, LANG: 'en_US.UTF-8' },
    extraPrefsFirefox: { ...firefoxPreferences, ...preferences },
    defaultViewport: { width: 1280, height: 760 },
  })
  const close = async () => {
    await browser.close()
    await sound.stop()
    await display.stop()
  }
  return { browser, close }
}

const firefoxPreferences = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.gmp-manager.updateEnabled': false,
  'media.gmp-gmpopenh264.autoupdate': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  'intl.accept_languages': 'en-US',
}

interface Helper {
  stop: () => Promise<void>
}

/** A virtual X display of 1440×900. */
async function startDisplay(): Promise<Helper & { name: string }> {
  const child = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const pipe = child.stdio[3]
  if (!pipe) throw new Error('Xvfb gave no pipe')
  const [number] = (await once(pipe, 'data')) as [Buffer]
  return { name: `:${number.toString().trim()}`, stop: () => stopProcess(child) }
}

/** A null audio device: without one Firefox never starts an AudioContext. */
async function startSound(): Promise<Helper & { server: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-pulse-'))
  chmodSync(folder, 0o700)
  const server = `unix:${folder}/native`
  const child = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--disallow-exit'],
      '--load=module-null-sink sink_name=null rate=48000',
      `--load=module-native-protocol-unix auth-anonymous=1 socket=${folder}/native`,
    ],
    { stdio: 'ignore', env: { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder } },
  )
  const stop = async () => {
    await stopProcess(child)
    rmSync(folder, { recursive: true, force: true })
  }
  return { server, stop }
}

async function stopProcess(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
