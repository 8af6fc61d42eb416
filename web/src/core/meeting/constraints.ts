export type InputKind = 'microphone' | 'camera'
export type Facing = 'user' | 'environment'

export interface Wish {
  deviceId?: string
  facing?: Facing
}

/** What we ask of a microphone. The device is only wished for with `ideal` when it may be another. */
export function microphoneConstraints(wish: Wish, strict: boolean): MediaTrackConstraints {
  return {
    ...deviceConstraint(wish.deviceId, strict),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  }
}

/** What we ask of a camera: 720p at 30 frames a second if it can. */
export function cameraConstraints(wish: Wish, strict: boolean): MediaTrackConstraints {
  const facing = wish.facing && !wish.deviceId ? { facingMode: { ideal: wish.facing } } : {}
  return {
    ...deviceConstraint(wish.deviceId, strict),
    ...facing,
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30 },
  }
}

export function constraintsFor(kind: InputKind, wish: Wish, strict: boolean): MediaStreamConstraints {
  return kind === 'microphone'
    ? { audio: microphoneConstraints(wish, strict) }
    : { video: cameraConstraints(wish, strict) }
}

function deviceConstraint(deviceId: string | undefined, strict: boolean): MediaTrackConstraints {
  if (!deviceId) return {}
  return { deviceId: strict ? { exact: deviceId } : { ideal: deviceId } }
}
