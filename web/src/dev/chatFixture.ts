import type { ChatMessage, ChatSnapshot, SendOptions } from '@/core/chat/state'
import { StateStore } from '@/core/store'

const start = Date.now() - 10 * 60_000

function message(
  seq: number,
  author: string,
  name: string,
  text: string,
  change: Partial<ChatMessage> = {},
): ChatMessage {
  return {
    id: `m${seq}`,
    clientId: `c${seq}`,
    conversationId: 'conversation',
    seq,
    changeSeq: seq,
    author: { id: author, userId: author, name, guest: false },
    text,
    mentions: [],
    reactions: [],
    recalled: false,
    createdAt: new Date(start + seq * 60_000).toISOString(),
    ...change,
  }
}

const chinese: ChatMessage[] = [
  message(1, 'u2', '赵启明', '会议使用率是按人算还是按部门算？'),
  message(2, 'u1', '陈雨桐', '按人。口径写在附件第二页。'),
  message(3, 'u7', '成都分公司会议室', '这边网络一般，只看屏幕，声音清楚。', {
    reactions: [{ emoji: '👍', count: 2, mine: true, names: ['王思远', '周静'] }],
  }),
  message(4, 'u3', '李慕白', '文档检查我下周加到发版清单里。\n清单在 https://example.com/docs/release?v=3。'),
  message(5, 'u4', '周静', '一级审批我会后起草一个模板，周三前发出来。 @王思远 请看一下', {
    mentions: ['u0'],
    replyTo: { id: 'm1', authorName: '赵启明', excerpt: '会议使用率是按人算还是按部门算？' },
  }),
  message(6, 'u0', '王思远', '', { recalled: true }),
]
const english: ChatMessage[] = [
  message(1, 'u2', 'Kenji Mori', 'Is usage counted by person or by department?'),
  message(2, 'u1', 'Ana Ruiz', 'By person. The definition is on page two.'),
  message(3, 'u1', 'Ana Ruiz', 'See https://example.com/docs/usage?page=2.', {
    reactions: [{ emoji: '👍', count: 2, mine: true, names: ['Maya Chen', 'Priya Nair'] }],
  }),
  message(
    4,
    'u7',
    'Chengdu branch, room 2',
    'Our network is so-so: we only watch the screen, the sound is clear.',
  ),
  message(5, 'u3', 'Priya Nair', 'Then let us go on. @Maya Chen can you check?', {
    mentions: ['u0'],
    replyTo: { id: 'm1', authorName: 'Kenji Mori', excerpt: 'Is usage counted by person or by department?' },
  }),
  message(6, 'u0', 'Maya Chen', '', { recalled: true }),
]

/** A conversation without a server. */
export class FixtureChat extends StateStore<ChatSnapshot> {
  constructor(options: { zh: boolean; empty: boolean; offline: boolean; unread: boolean; closed: boolean }) {
    const messages = options.empty ? [] : options.zh ? chinese : english
    super({
      state: 'ready',
      selfId: 'u0',
      online: !options.offline,
      messages,
      pending: options.offline
        ? [
            {
              clientId: 'x',
              text: options.zh ? '我这边断线了' : 'I was cut off',
              mentions: [],
              status: 'queued',
              createdAt: new Date().toISOString(),
            },
            {
              clientId: 'y',
              text: options.zh ? '这条没发出去' : 'This one failed',
              mentions: [],
              status: 'failed',
              code: 'tooManyMessages',
              createdAt: new Date().toISOString(),
            },
          ]
        : [],
      hasOlder: false,
      loadingOlder: false,
      readSeq: options.unread ? 3 : 6,
      unread: options.unread ? 3 : 0,
      firstUnreadSeq: options.unread ? 4 : null,
      canWrite: !options.closed,
    })
  }

  async loadOlder(): Promise<void> {}
  retry(): void {}
  discard(clientId: string): void {
    this.update((s) => ({ ...s, pending: s.pending.filter((one) => one.clientId !== clientId) }))
  }
  send(text: string, options: SendOptions = {}): void {
    this.update((s) => {
      const seq = s.messages.length + 1
      const sent = message(seq, 'u0', s.messages[5]?.author.name ?? 'Maya Chen', text, {
        createdAt: new Date().toISOString(),
        mentions: options.mentions ?? [],
        ...(options.replyTo && { replyTo: options.replyTo }),
      })
      return { ...s, messages: [...s.messages, sent] }
    })
  }
  async react(messageId: string, emoji: string, on: boolean): Promise<void> {
    this.#change(messageId, (one) => ({
      ...one,
      reactions: on
        ? [...one.reactions, { emoji, count: 1, mine: true, names: ['Maya Chen'] }]
        : one.reactions.filter((reaction) => reaction.emoji !== emoji),
    }))
  }
  async recall(messageId: string): Promise<void> {
    this.#change(messageId, (one) => ({ ...one, recalled: true, text: '' }))
  }
  markRead(): void {
    this.update((s) => (s.unread === 0 ? s : { ...s, unread: 0 }))
  }

  #change(id: string, change: (one: ChatMessage) => ChatMessage): void {
    this.update((s) => ({ ...s, messages: s.messages.map((one) => (one.id === id ? change(one) : one)) }))
  }
}
