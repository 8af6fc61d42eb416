import { socketUrl } from '../reconnect'
import { Scope } from '../scope'
import { StateStore, type Store } from '../store'
import { nextActiveSpeaker, noActiveSpeaker, withoutSpeaker } from './activeSpeaker'
import { RemoteAudio } from './audio'
import { audioOf, initialSnapshot, isSameTracks, ownMedia, ownTracks, roleOfSelf } from './callParts'
import { LiveReactions } from './liveReactions'
import type { LocalMediaController } from './localMedia'
import { MediaSession } from './mediaSession'
import { MeetingCommands } from './meetingCommands'
import { NoticeBoard } from './noticeBoard'
import { OwnShare } from './ownShare'
import { emptyProjection, project } from './project'
import { QualityWatch } from './qualityWatch'
import { emptyRoom, type RoomState, reduce } from './reduce'
import { codeOf } from './requests'
import { ResumeMemory } from './resumeMemory'
import { type ResumeRecord, readResume } from './resumeToken'
import { signalLink } from './signalLink'
import { type News, SignalSocket, type SocketEnd } from './socket'
import type { CallPhase, CallSnapshot, CallStats, ShareOptions, ViewTile } from './state'
import { common } from './videoCodecs'
import { ViewReporter } from './view'
import type { ClientMessage, ContentHint, Joined, ReportStats, Source, Speaker, Welcome } from './wire'

const client = 'parley-web'
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
  readonly #share: OwnShare
  readonly #reactions: LiveReactions
  #room: RoomState = emptyRoom
  #projection = emptyProjection
  #speaker = noActiveSpeaker
  #media: MediaSession | null = null
  #welcome: Welcome | null = null
  #joinedAt: number | null = null

  constructor(options: CallOptions) {
    super()
    this.#options = options
    this.#store = new StateStore(initialSnapshot(options.media.getSnapshot()))
    this.#notices = new NoticeBoard(this.#scope, (notices) => this.#patch({ notices }))
    this.#reactions = new LiveReactions(this.#scope, (reactions) => this.#patch({ reactions }))
    this.#memory = new ResumeMemory(options.code, this.#scope, () => this.#choices())
    this.#share = new OwnShare({
      onChange: () => this.#onOwnTracks(),
      onFailed: (code) => this.#notices.error(code, 'screen'),
    })
    this.#socket = this.#createSocket()
    this.#audio = new RemoteAudio((audioBlocked) => this.#patch({ audioBlocked }))
    this.#view = new ViewReporter(
      this.#scope,
      (tiles) => this.#media !== null && this.#socket.send({ type: 'view', tiles }),
    )
    this.#quality = new QualityWatch(this.#scope, {
      measure: () => this.#media?.measure() ?? null,
      identify: () => this.#media?.identify ?? null,
      onReport: (report) => this.#report(report),
      onMeasured: (stats, uplink) => this.#media?.adapt(stats, uplink),
    })
    this.#scope.add(() => this.#audio.close())
    this.#scope.add(() => this.#share.close())
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
    if (!this.#isForbidden('share')) await this.#share.start(options)
  }

  stopShare(): void {
    this.#share.stop()
  }

  setHint(hint: ContentHint): void {
    this.#share.setHint(hint)
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
    this.#socket.request(message).catch((error: unknown) => this.#notices.error(codeOf(error)))
  }

  /** A browser that is told to send less does not count itself as held back. */
  #report(report: ReportStats): void {
    const limited = this.#media?.isCameraLimited ? { bandwidthLimitedMs: report.intervalMs } : {}
    this.#socket.send({ type: 'reportStats', ...report, ...limited })
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
        this.#reactions.add(news.participantId, news.emoji)
        return
      case 'muted':
        this.#onMuted(news.source, news.byId)
        return
      case 'askedToUnmute':
        this.#notices.asked(news.source, news.byId)
        return
      case 'speakers':
        this.#onSpeakers(news.speakers)
        return
      case 'quality':
        if (news.participantId === this.#room.self) this.#notices.quality(news)
        this.#media?.qualityChanged()
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
      case 'unwantedLayers':
        this.#media?.unwantedLayers(news)
        return
      case 'secondEncoding':
        this.#media?.secondEncoding(news)
        return
      case 'error':
        this.#notices.error(news.code)
        return
      case 'participantJoined':
      case 'publicationAdded':
      case 'publicationUpdated':
      case 'meetingUpdated':
      case 'lobbyUpdated':
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
    this.#notices.quality({ level: 'good' })
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
      this.#welcome?.codecs ?? { camera: common, share: common },
      () => this.#room,
      signalLink(this.#socket, (message) => this.command(message)),
      {
        onStreams: () => this.#draw(),
        onCameraHeld: () => this.#draw(),
        onRefused: (source, code) => this.#onRefused(source, code),
        onRemoved: (source) => this.#onOwnRemoved(source),
        onMutedMeanwhile: (source) => this.#onMuted(source, undefined),
        onGap: () => this.#socket.probe(),
        onError: (code) => this.#notices.error(code),
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

  #onMuted(source: Source, by: string | undefined): void {
    this.#media?.mutedByServer(source)
    if (source === 'microphone') void this.#options.media.setMicrophone(false)
    else if (source === 'camera') void this.#options.media.setCamera(false)
    else this.stopShare()
    this.#notices.stopped(source, by)
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
    this.#notices.error(code, source)
  }

  #onOwnRemoved(source: Source): void {
    if (source === 'screen') this.stopShare()
  }

  #onLocalMedia(): void {
    const local = this.#options.media.getSnapshot()
    const before = this.getSnapshot().local
    if (local === before) return
    this.#patch({ local })
    if (local.selected.speakerId !== before.selected.speakerId) this.#followSpeaker()
    this.#notices.devices(before, local)
    if (!isSameTracks(local, before)) this.#onOwnTracks()
  }

  /** What is sent, and what is shown to oneself, is another now. */
  #onOwnTracks(): void {
    this.#publishOwn()
    this.#draw()
  }

  #followSpeaker(): void {
    void this.#audio.setSpeaker(this.#options.media.getSnapshot().selected.speakerId ?? '')
  }

  #publishOwn(): void {
    this.#media?.publish(ownTracks(this.#options.media, this.#share.capture, this.#room.permissions))
  }

  #isForbidden(permission: 'publishMicrophone' | 'publishCamera' | 'share'): boolean {
    const isForbidden = this.#joinedAt !== null && !this.#room.permissions[permission]
    if (isForbidden) this.#notices.error('notAllowed')
    return isForbidden
  }

  #setPhase(call: CallPhase): void {
    this.#patch({ call })
  }

  /** Draws the room into the snapshot. */
  #draw(): void {
    const room = this.#room
    const streams = this.#media?.streams ?? new Map<string, MediaStream>()
    this.#projection = project(
      room,
      streams,
      ownMedia(this.#options.media, this.#share.capture, this.#media?.isCameraHeld ?? false),
      this.#projection,
    )
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
