import { socketUrl } from '../reconnect'
import { Scope } from '../scope'
import { StateStore, type Store } from '../store'
import { nextActiveSpeaker, noActiveSpeaker, withoutSpeaker } from './activeSpeaker'
import { type AudibleStream, RemoteAudio } from './audio'
import { initialSnapshot, ownMedia, ownTracks } from './callParts'
import type { LocalMediaController } from './localMedia'
import { MediaSession } from './mediaSession'
import { MeetingCommands } from './meetingCommands'
import { NoticeBoard } from './noticeBoard'
import { stoppedKind } from './notices'
import { emptyProjection, project } from './project'
import { QualityWatch } from './qualityWatch'
import { emptyRoom, type RoomState, reduce } from './reduce'
import { codeOf } from './requests'
import { ResumeMemory } from './resumeMemory'
import { type ResumeRecord, readResume } from './resumeToken'
import { captureScreen, type ScreenCapture } from './screenCapture'
import { type News, SignalSocket, type SocketEnd } from './socket'
import type { CallPhase, CallSnapshot, CallStats, ConnectionQuality, ShareOptions, ViewTile } from './state'
import { ViewReporter } from './view'
import type { ClientMessage, ContentHint, Joined, Source, Speaker, Welcome } from './wire'

const client = 'parley-web'
const reactionMs = 5_000
/** The clock is only set anew when it is off by more, so that views are not drawn again for nothing. */
const clockToleranceMs = 250

export interface CallOptions {
  code: string
  name?: string
  locale: string
  media: LocalMediaController
  /** Another address of the server than the page's own. */
  url?: string
}

/** One person's stay in a meeting, from the knock to the end. Views read its snapshots and call its methods. */
export class Call extends MeetingCommands implements Store<CallSnapshot> {
  readonly #options: CallOptions
  readonly #store: StateStore<CallSnapshot>
  readonly #scope = new Scope()
  readonly #socket: SignalSocket
  readonly #audio: RemoteAudio
  readonly #view: ViewReporter
  readonly #quality: QualityWatch
  readonly #notices: NoticeBoard
  readonly #memory: ResumeMemory
  #room: RoomState = emptyRoom
  #projection = emptyProjection
  #speaker = noActiveSpeaker
  #media: MediaSession | null = null
  #welcome: Welcome | null = null
  #share: ScreenCapture | null = null
  #picking = false
  #joinedAt: number | null = null
  #lastReaction = 0

  constructor(options: CallOptions) {
    super()
    this.#options = options
    this.#store = new StateStore(initialSnapshot(options.media.getSnapshot()))
    this.#notices = new NoticeBoard(this.#scope, (notices) => this.#patch({ notices }))
    this.#memory = new ResumeMemory(options.code, this.#scope, () => this.#choices())
    this.#socket = this.#createSocket()
    this.#audio = new RemoteAudio((audioBlocked) => this.#patch({ audioBlocked }))
    this.#view = new ViewReporter(
      this.#scope,
      (tiles) => this.#media !== null && this.#socket.send({ type: 'view', tiles }),
    )
    this.#quality = new QualityWatch(this.#scope, {
      measure: () => this.#media?.measure() ?? null,
      identify: () => this.#media?.identify ?? null,
      onReport: (report) => this.#socket.send({ type: 'reportStats', ...report }),
      onQuality: (quality) => this.#onOwnQuality(quality),
    })
    this.#scope.add(() => this.#audio.close())
    this.#scope.add(() => this.#share?.scope.end())
    this.#scope.add(() => this.#media?.close())
    this.#scope.add(options.media.subscribe(() => this.#onLocalMedia()))
    this.#scope.add(options.media.onNotice((notice) => this.#notices.add(notice)))
  }

  readonly getSnapshot = (): CallSnapshot => this.#store.getSnapshot()
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener)

  join(): void {
    if (this.getSnapshot().call.phase !== 'idle') return
    this.#setPhase({ phase: 'connecting' })
    this.#followSpeaker()
    this.#socket.start()
  }

  leave(): void {
    if (this.getSnapshot().call.phase === 'ended') return
    this.#socket.close()
    this.#finish({ reason: 'left' })
  }

  /** Leaves and lets go of everything. */
  dispose(): void {
    this.leave()
  }

  dismissNotice(key: string): void {
    this.#notices.drop((notice) => notice.key === key)
  }

  resumeAudio(): Promise<void> {
    return this.#audio.resume()
  }

  toggleMicrophone(): void {
    this.setMicrophone(!isOn(this.getSnapshot().local.microphone.state))
  }

  setMicrophone(on: boolean): void {
    if (on && this.#isForbidden('publishMicrophone')) return
    void this.#options.media.setMicrophone(on)
  }

  toggleCamera(): void {
    this.setCamera(!isOn(this.getSnapshot().local.camera.state))
  }

  setCamera(on: boolean): void {
    if (on && this.#isForbidden('publishCamera')) return
    void this.#options.media.setCamera(on)
  }

  /** Must be called in a click: the browser shows its picker. */
  async startShare(options: ShareOptions = {}): Promise<void> {
    if (this.#share || this.#picking || this.#isForbidden('share')) return
    this.#picking = true
    const captured = await captureScreen(options, () => this.stopShare())
    this.#picking = false
    if (captured.result === 'failed')
      this.#notices.add({ kind: 'error', code: captured.code, source: 'screen' })
    if (captured.result !== 'capturing') return
    if (this.#scope.ended) {
      captured.capture.scope.end()
      return
    }
    this.#share = captured.capture
    this.#publishOwn()
  }

  stopShare(): void {
    if (!this.#share) return
    this.#share.scope.end()
    this.#share = null
    this.#publishOwn()
    this.#draw()
  }

  setHint(hint: ContentHint): void {
    if (!this.#share) return
    this.#share = { ...this.#share, hint }
    this.#publishOwn()
  }

  /** Rejects with a SignalError when the name is refused. */
  async rename(name: string): Promise<void> {
    await this.#socket.request({ type: 'rename', name })
  }

  setView(tiles: ViewTile[]): void {
    this.#view.show(tiles)
  }

  stats(): Promise<CallStats> {
    return this.#quality.stats()
  }

  protected override command(message: ClientMessage): void {
    this.#socket
      .request(message)
      .catch((error: unknown) => this.#notices.add({ kind: 'error', code: codeOf(error) }))
  }

  #createSocket(): SignalSocket {
    const { code, name, locale, url } = this.#options
    const record = readResume(code)
    const displayName = name ?? record?.name
    return new SignalSocket({
      url: socketUrl(`/api/v1/meetings/by-code/${encodeURIComponent(code)}/signal`, url),
      client,
      locale,
      ...(displayName ? { name: displayName } : {}),
      ...(record ? { resume: record.token } : {}),
      handler: {
        onWelcome: (welcome) => this.#onWelcome(welcome),
        onNews: (news) => this.#onNews(news),
        onInterrupted: () => this.#onInterrupted(),
        onEnded: (end) => this.#onEnded(end),
        onHeartbeat: (roundTripMs, serverTime) => this.#onHeartbeat(roundTripMs, serverTime),
      },
    })
  }

  #onWelcome(welcome: Welcome): void {
    const isSame = welcome.resumed && this.#media !== null
    this.#welcome = welcome
    if (!isSame) this.#dropMedia()
    this.#memory.keep(welcome.resumeToken, welcome.resumeSeconds * 1000)
    this.#setClock(welcome.serverTime, 0)
    if (welcome.waiting) this.#setPhase({ phase: 'waiting', title: welcome.title })
  }

  #onNews(news: News): void {
    const before = this.#room
    this.#room = reduce(before, news)
    this.#act(news, before)
    if (this.#room !== before) this.#draw()
  }

  /** What a message asks of us beyond the room's state. */
  #act(news: News, before: RoomState): void {
    switch (news.type) {
      case 'joined':
        this.#onJoined(news)
        return
      case 'subscribeOffer':
        this.#media?.subscribeOffer(news)
        return
      case 'candidate':
        this.#media?.addCandidate(news)
        return
      case 'reaction':
        this.#onReaction(news.participantId, news.emoji)
        return
      case 'muted':
        this.#onMuted(news.source, news.byId)
        return
      case 'askedToUnmute':
        this.#onAskedToUnmute(news.source, news.byId)
        return
      case 'speakers':
        this.#onSpeakers(news.speakers)
        return
      case 'publicationRemoved':
        this.#media?.publicationRemoved(news.publicationId)
        return
      case 'participantUpdated':
        this.#onRoles(before)
        return
      case 'participantLeft':
        this.#onLeft()
        return
      case 'permissionsUpdated':
        this.#publishOwn()
        return
      case 'error':
        this.#notices.add({ kind: 'error', code: news.code })
        return
      case 'participantJoined':
      case 'publicationAdded':
      case 'publicationUpdated':
      case 'meetingUpdated':
      case 'lobbyUpdated':
      case 'quality':
      case 'streamState':
        return
      default:
        unknownNews(news)
    }
  }

  #onJoined(joined: Joined): void {
    if (joined.resumeToken) {
      this.#socket.renewResume(joined.resumeToken)
      this.#memory.keep(joined.resumeToken, (this.#welcome?.resumeSeconds ?? 0) * 1000)
    }
    this.#joinedAt ??= Date.now()
    if (this.#media) {
      this.#media.resumed(joined.publications.filter((one) => one.participantId === joined.self))
    } else {
      this.#media = this.#openMedia()
    }
    this.#setPhase({ phase: 'joined' })
    this.#publishOwn()
    this.#view.repeat()
  }

  #openMedia(): MediaSession {
    this.#quality.reset()
    return new MediaSession(
      this.#welcome?.iceServers ?? [],
      () => this.#room,
      {
        publish: async (offer) => {
          const answer = await this.#socket.request({ type: 'publish', ...offer })
          if (answer.type !== 'published') throw new TypeError('publish was not answered by published')
          return answer
        },
        setMuted: async (publicationId, muted) => {
          await this.#socket.request({ type: 'setMuted', publicationId, muted })
        },
        setHint: (publicationId, hint) => this.command({ type: 'setHint', publicationId, hint }),
        sendCandidate: (candidate) => this.#socket.sendCandidate(candidate),
        answer: (answer) => this.#socket.send({ type: 'subscribeAnswer', ...answer }),
        restartIce: () => this.#socket.send({ type: 'restartIce' }),
      },
      {
        onStreams: () => this.#draw(),
        onRefused: (source, code) => this.#onRefused(source, code),
        onRemoved: (source) => this.#onOwnRemoved(source),
        onMutedMeanwhile: (source) => this.#onMuted(source, undefined),
        onGap: () => this.#socket.probe(),
        onError: (code) => this.#notices.add({ kind: 'error', code }),
      },
    )
  }

  #dropMedia(): void {
    this.#media?.close()
    this.#media = null
    this.#audio.play(new Map())
  }

  #onInterrupted(): void {
    if (this.getSnapshot().call.phase === 'joined')
      this.#setPhase({ phase: 'reconnecting', since: Date.now() })
  }

  #onEnded(end: SocketEnd): void {
    this.#finish(end)
  }

  #finish(end: SocketEnd): void {
    const joinedMs = this.#joinedAt === null ? 0 : Math.max(1, Date.now() - this.#joinedAt)
    this.#memory.forget()
    this.#scope.end()
    this.#share = null
    this.#options.media.showSharing(null)
    this.#options.media.stop()
    this.#patch({
      call: { phase: 'ended', ...end, joinedMs },
      local: this.#options.media.getSnapshot(),
      notices: [],
      audioBlocked: false,
    })
  }

  #onHeartbeat(roundTripMs: number, serverTime: number): void {
    this.#setClock(serverTime, roundTripMs)
    this.#memory.refresh()
  }

  #setClock(serverTime: number, roundTripMs: number): void {
    const serverOffsetMs = serverTime + roundTripMs / 2 - Date.now()
    const isOff = Math.abs(serverOffsetMs - this.getSnapshot().serverOffsetMs) > clockToleranceMs
    if (isOff) this.#patch({ serverOffsetMs })
  }

  #choices(): Pick<ResumeRecord, 'microphone' | 'camera' | 'name'> {
    const { name, media } = this.#options
    const { microphone, camera } = media.getSnapshot()
    return { microphone: isOn(microphone.state), camera: isOn(camera.state), ...(name ? { name } : {}) }
  }

  #onReaction(participantId: string, emoji: string): void {
    this.#lastReaction += 1
    const reaction = { key: this.#lastReaction, participantId, emoji, at: Date.now() }
    this.#patch({ reactions: [...this.getSnapshot().reactions, reaction] })
    this.#scope.timeout(() => {
      this.#patch({ reactions: this.getSnapshot().reactions.filter((one) => one !== reaction) })
    }, reactionMs)
  }

  #onMuted(source: Source, by: string | undefined): void {
    this.#media?.mutedByServer(source)
    if (source === 'microphone') void this.#options.media.setMicrophone(false)
    else if (source === 'camera') void this.#options.media.setCamera(false)
    else this.stopShare()
    this.#notices.add({ kind: stoppedKind(source), source, ...(by ? { by } : {}) })
  }

  #onAskedToUnmute(source: Source, by: string): void {
    this.#notices.add({ kind: source === 'camera' ? 'askedToStartCamera' : 'askedToUnmute', by, source })
  }

  #onSpeakers(speakers: ReadonlyArray<Speaker>): void {
    this.#speaker = nextActiveSpeaker(this.#speaker, speakers, this.#room.self, performance.now())
  }

  #onLeft(): void {
    const present = new Set(this.#room.participants.map((participant) => participant.id))
    this.#speaker = withoutSpeaker(this.#speaker, present)
  }

  #onRoles(before: RoomState): void {
    const isHost = roleOfSelf(this.#room) === 'host'
    if (isHost && roleOfSelf(before) !== 'host') this.#notices.add({ kind: 'youAreHost' })
  }

  #onRefused(source: Source, code: string): void {
    this.#onOwnRemoved(source)
    this.#notices.add({ kind: 'error', code, source })
  }

  #onOwnRemoved(source: Source): void {
    if (source === 'screen') this.stopShare()
  }

  #onOwnQuality(quality: ConnectionQuality): void {
    if (quality.level === 'good') this.#notices.drop((notice) => notice.kind === 'weakConnection')
    else this.#notices.add({ kind: 'weakConnection', ...(quality.reason ? { code: quality.reason } : {}) })
  }

  #onLocalMedia(): void {
    const local = this.#options.media.getSnapshot()
    const before = this.getSnapshot().local
    if (local === before) return
    this.#patch({ local })
    if (local.selected.speakerId !== before.selected.speakerId) this.#followSpeaker()
    if (local.speakingWhileMuted !== before.speakingWhileMuted)
      this.#onSpeakingWhileMuted(local.speakingWhileMuted)
    if (
      local.microphone === before.microphone &&
      local.camera === before.camera &&
      local.cameraStream === before.cameraStream
    )
      return
    this.#dropAnswered()
    this.#publishOwn()
    this.#draw()
  }

  #onSpeakingWhileMuted(isSpeaking: boolean): void {
    if (isSpeaking) this.#notices.add({ kind: 'speakingWhileMuted', source: 'microphone' })
    else this.#notices.drop((notice) => notice.kind === 'speakingWhileMuted')
  }

  /** Notices about a device that is on again have done their work. */
  #dropAnswered(): void {
    const { microphone, camera } = this.getSnapshot().local
    this.#notices.drop(
      ({ kind }) =>
        (microphone.state === 'on' && (kind === 'mutedByHost' || kind === 'askedToUnmute')) ||
        (camera.state === 'on' && (kind === 'cameraStoppedByHost' || kind === 'askedToStartCamera')),
    )
  }

  #followSpeaker(): void {
    void this.#audio.setSpeaker(this.#options.media.getSnapshot().selected.speakerId ?? '')
  }

  #publishOwn(): void {
    this.#media?.publish(ownTracks(this.#options.media, this.#share, this.#room.permissions))
  }

  #isForbidden(permission: 'publishMicrophone' | 'publishCamera' | 'share'): boolean {
    const isForbidden = this.#joinedAt !== null && !this.#room.permissions[permission]
    if (isForbidden) this.#notices.add({ kind: 'error', code: 'notAllowed' })
    return isForbidden
  }

  #setPhase(call: CallPhase): void {
    this.#patch({ call })
  }

  /** Draws the room into the snapshot. */
  #draw(): void {
    const room = this.#room
    const streams = this.#media?.streams ?? new Map<string, MediaStream>()
    this.#projection = project(room, streams, ownMedia(this.#options.media, this.#share), this.#projection)
    this.#audio.play(audioOf(room, streams))
    this.#options.media.showSharing(this.#projection.shares.find((share) => share.isSelf) ?? null)
    this.#patch({
      meeting: room.meeting,
      self: room.self,
      permissions: room.permissions,
      lobby: room.lobby,
      speakers: room.speakers,
      activeSpeakerId: this.#speaker.id,
      ...this.#projection,
    })
  }

  #patch(change: Partial<CallSnapshot>): void {
    this.#store.update((snapshot) => {
      const keys = Object.keys(change) as (keyof CallSnapshot)[]
      return keys.every((key) => Object.is(snapshot[key], change[key]))
        ? snapshot
        : { ...snapshot, ...change }
    })
  }
}

/** A newer server may tell what we do not know; it is no concern of ours. */
function unknownNews(_news: never): void {}

function isOn(state: string): boolean {
  return state === 'on' || state === 'starting'
}

function roleOfSelf(room: RoomState): string | undefined {
  return room.participants.find((participant) => participant.id === room.self)?.role
}

function audioOf(
  room: RoomState,
  streams: ReadonlyMap<string, MediaStream>,
): ReadonlyMap<string, AudibleStream> {
  const audio = new Map<string, AudibleStream>()
  for (const { id, kind, participantId } of room.publications) {
    const stream = streams.get(id)
    if (kind === 'audio' && participantId !== room.self && stream) audio.set(id, { participantId, stream })
  }
  return audio
}
