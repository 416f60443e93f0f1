/** A conversation with an SMT-LIB solver, wherever it runs. */
export interface SmtPort {
  readonly name: string;
  /** Bit-vectors only, or anything. */
  readonly theories: 'all' | 'bitvectors';
  /**
   * Sends commands and gives what they print. `fresh`: all that this port was sent before is forgotten first.
   * Never rejects; after 'failed' or 'lost' the next message must be fresh. Ends with 'failed' soon after `wanted` turns false.
   */
  send(message: PortMessage): Promise<PortReply>;
  /** The command that bounds the work of the checks that follow, in the solver's own units; empty if it has none. */
  limitCommand(resourceLimit: number): string;
  close(): Promise<void>;
}

export interface PortMessage {
  readonly text: string;
  readonly fresh: boolean;
  readonly timeoutMs: number;
  /** Whether anybody still waits for the reply; absent: somebody does. */
  readonly wanted?: () => boolean;
}

export type PortReply =
  | { readonly kind: 'output'; readonly text: string }
  /** What this port was sent before is gone (its engine was replaced); nothing was done. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'failed'; readonly why: 'time' | 'died'; readonly text: string };
