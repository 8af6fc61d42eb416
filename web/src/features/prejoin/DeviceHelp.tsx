import type { TFunction } from 'i18next'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { DeviceFailure, DeviceState } from '@/core/meeting/state'
import { Button } from '@/ui/Button'
import { type BrowserKind, browserKind, type SystemKind, systemKind } from './browser'
import styles from './PreJoin.module.css'

interface DeviceHelpProps {
  microphone: DeviceState
  camera: DeviceState
  onRetry: () => void
  /** Absent for those who are in the lobby already. */
  onWithout: (() => void) | null
}

export interface Trouble {
  device: 'microphone' | 'camera' | 'both'
  why: DeviceFailure
}

/** What is wrong, if anything: one trouble at a time, the microphone's first. */
export function troubleOf(microphone: DeviceState, camera: DeviceState): Trouble | null {
  if (microphone.state === 'failed') {
    const both = camera.state === 'failed' && camera.why === microphone.why
    return { device: both ? 'both' : 'microphone', why: microphone.why }
  }
  return camera.state === 'failed' ? { device: 'camera', why: camera.why } : null
}

/** What happened to a device and the steps out of it, for this browser; one may always join without. */
export function DeviceHelp({ microphone, camera, onRetry, onWithout }: DeviceHelpProps) {
  const { t } = useTranslation('prejoin')
  const trouble = troubleOf(microphone, camera)
  useGranted(trouble?.why === 'denied', onRetry)
  if (!trouble) return null
  const device = t(`the.${trouble.device}`)
  const steps = stepsOf(trouble, t)
  return (
    <section className={styles.help} role="alert">
      <h2>{titleOf(trouble.why, device, t)}</h2>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <div className={styles.two}>
        {trouble.why !== 'insecure' && (
          <Button look="soft" onClick={onRetry}>
            {trouble.why === 'denied' || trouble.why === 'deniedBySystem'
              ? t('help.allowed')
              : t('help.again')}
          </Button>
        )}
        {onWithout && (
          <Button look="text" onClick={onWithout}>
            {trouble.device === 'both' ? t('help.withoutBoth') : t('help.without', { device })}
          </Button>
        )}
      </div>
    </section>
  )
}

function titleOf(why: DeviceFailure, device: string, t: TFunction<'prejoin'>): string {
  switch (why) {
    case 'denied':
      return t('help.denied', { device })
    case 'deniedBySystem':
      return t('help.deniedBySystem', { device })
    case 'notFound':
      return t('help.notFound', { device })
    case 'inUse':
      return t('help.inUse', { device })
    case 'insecure':
      return t('help.insecure')
    case 'overconstrained':
    case 'unknown':
      return t('help.unknown', { device })
  }
}

function stepsOf({ device, why }: Trouble, t: TFunction<'prejoin'>): string[] {
  const name = t(`named.${device}`)
  const browser = browserKind(navigator.userAgent, navigator.maxTouchPoints)
  const system = systemKind(navigator.userAgent, navigator.maxTouchPoints)
  switch (why) {
    case 'denied':
      return deniedSteps(browser, name, t)
    case 'deniedBySystem':
      return systemSteps(system, name, t)
    case 'notFound':
      return [t('steps.plug'), t('steps.checkPlug'), t('steps.again')]
    case 'inUse':
      return [t('steps.closeOthers'), t('steps.replug'), t('steps.again')]
    case 'insecure':
      return [t('steps.https'), t('steps.askAdmin')]
    case 'overconstrained':
    case 'unknown':
      return [t('steps.chooseOther'), t('steps.replug'), t('steps.reload')]
  }
}

function deniedSteps(browser: BrowserKind, name: string, t: TFunction<'prejoin'>): string[] {
  switch (browser) {
    case 'chromium':
      return [t('steps.chromium'), t('steps.setAllow', { name }), t('steps.comesBack')]
    case 'firefox':
      return [t('steps.firefox'), t('steps.firefoxClear', { name }), t('steps.pressAllowed')]
    case 'safari':
      return [t('steps.safari'), t('steps.setAllow', { name }), t('steps.pressAllowed')]
    case 'ios':
      return [t('steps.ios'), t('steps.setAllow', { name }), t('steps.pressAllowed')]
    case 'android':
      return [t('steps.android'), t('steps.setAllow', { name }), t('steps.comesBack')]
    case 'wechat':
      return [t('steps.wechat'), t('steps.wechatOpen'), t('steps.wechatJoin')]
  }
}

function systemSteps(system: SystemKind, name: string, t: TFunction<'prejoin'>): string[] {
  switch (system) {
    case 'windows':
      return [t('steps.windows', { name }), t('steps.windowsAllow'), t('steps.pressAllowed')]
    case 'mac':
      return [t('steps.mac', { name }), t('steps.macAllow'), t('steps.macRestart')]
    case 'ios':
    case 'android':
      return [t('steps.phone'), t('steps.setAllow', { name }), t('steps.pressAllowed')]
    case 'linux':
      return [t('steps.linux'), t('steps.replug'), t('steps.pressAllowed')]
  }
}

/** Notices when the browser's permission changes, where it tells. */
function useGranted(active: boolean, onGranted: () => void) {
  useEffect(() => {
    if (!active || !navigator.permissions) return
    let over = false
    const watched: PermissionStatus[] = []
    const listen = (status: PermissionStatus) => {
      if (over) return
      watched.push(status)
      status.onchange = () => {
        if (status.state === 'granted') onGranted()
      }
    }
    for (const name of ['microphone', 'camera']) {
      navigator.permissions.query({ name: name as PermissionName }).then(listen, () => undefined)
    }
    return () => {
      over = true
      for (const status of watched) status.onchange = null
    }
  }, [active, onGranted])
}
