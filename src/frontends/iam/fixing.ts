/** The formula "the request is this one", or this part of one: for `can`, and to compare the engine with the evaluator. */
import type { Formula, Language } from '../../program/space.ts';
import { all, no, not } from './formulas.ts';
import { principalKeys } from './keys.ts';
import { literals, text, union } from './languages.ts';
import type { Lowering } from './lowering.ts';
import type { Caller, Request } from './request.ts';

export function callerLanguage(caller: Caller): Language {
  switch (caller.kind) {
    case 'anonymous':
      return text('anonymous');
    case 'identity':
      return text(caller.arn);
    case 'service':
      return text(`service/${caller.name}`);
    case 'federated':
      return text(`federated/${caller.provider}`);
    case 'named':
      return text(`named/${caller.id}`);
  }
}

/** `closed`: keys that the documents mention and the request does not have are missing; otherwise they are free. */
export function requestFormula(lowering: Lowering, request: Request, keys: Iterable<string>, closed: boolean): Formula {
  const parts: Formula[] = [
    lowering.caller(callerLanguage(request.caller)),
    lowering.exactAction(request.action.toLowerCase()),
    lowering.exactResource(request.resource),
  ];
  if (request.caller.kind === 'identity' && request.caller.session !== undefined) {
    parts.push(lowering.exactSession(request.caller.session));
  }
  const wanted = new Set([...keys, ...request.context.keys()]);
  for (const key of wanted) {
    const value = request.context.get(key);
    if (principalKeys.has(key) && key !== 'aws:principalorgid' && key !== 'aws:principalorgpaths') continue;
    if (value === undefined) {
      if (closed) parts.push(not(lowering.present(key)));
      continue;
    }
    parts.push(valueFormula(lowering, key, value));
  }
  return all(parts);
}

function valueFormula(lowering: Lowering, key: string, value: string | readonly string[]): Formula {
  if (key === 'aws:principalorgid') return lowering.bound(key, value as string);
  if (key === 'aws:principalorgpaths') return lowering.bound(key, typeof value === 'string' ? value : value[0]!);
  if (typeof value === 'string') return lowering.exactly(key, value) ?? no;
  return all([
    lowering.memberwise(key, union(...value.map(literals)), 'all'),
    ...value.map((v) => lowering.memberwise(key, text(v), 'some')),
  ]);
}
