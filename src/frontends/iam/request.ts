/** One concrete request, as a user could send it. */
export type Caller =
  | { readonly kind: 'anonymous' }
  /** `arn` is the ARN of a root, user, role or federated user; a role acts through a session. */
  | { readonly kind: 'identity'; readonly arn: string; readonly session?: string }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'federated'; readonly provider: string }
  | { readonly kind: 'named'; readonly id: string };

export interface Request {
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  /** Condition keys in lower case. A key that is not here is missing. */
  readonly context: ReadonlyMap<string, string | readonly string[]>;
}

export function callerName(caller: Caller): string {
  switch (caller.kind) {
    case 'anonymous':
      return 'anyone, without signing in';
    case 'identity': {
      const role = /^arn:([^:]*):iam::(\d*):role\/(?:.*\/)?([^/]+)$/.exec(caller.arn);
      if (!role || !caller.session) return caller.arn;
      return `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/${caller.session}`;
    }
    case 'service':
      return caller.name;
    case 'federated':
      return `a user of ${caller.provider}`;
    case 'named':
      return caller.id;
  }
}
