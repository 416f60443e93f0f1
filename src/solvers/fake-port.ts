import type { PortMessage, PortReply, SmtPort } from './smt-port.ts';

/** A port for tests: replies as it is told, one reply a message, and keeps what it was sent. After the last, it is dead. */
export class FakePort implements SmtPort {
  readonly name = 'fake';
  readonly theories = 'all';
  readonly sent: PortMessage[] = [];
  readonly #replies: (string | PortReply)[];
  closed = false;

  constructor(replies: readonly (string | PortReply)[]) {
    this.#replies = [...replies];
  }

  async send(message: PortMessage): Promise<PortReply> {
    this.sent.push(message);
    const reply = this.#replies.shift() ?? { kind: 'failed', why: 'died', text: 'the script is over' };
    return typeof reply === 'string' ? { kind: 'output', text: reply } : reply;
  }

  limitCommand(resourceLimit: number): string {
    return `(limit ${resourceLimit})\n`;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
