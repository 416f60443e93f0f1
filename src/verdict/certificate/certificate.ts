import { createHash } from 'node:crypto';
import { err, ok, type Result } from '../../base/result.ts';
import type { Source } from '../../base/span.ts';
import { checkKinds } from '../../program/check-kinds.ts';
import type { FrontEndRequest, RequestedEvent } from '../../program/front-end.ts';
import type { Program } from '../../program/program.ts';
import type { Claim } from '../claim.ts';
import type { Evidence } from '../evidence.ts';
import { readEvidence, writeEvidence } from './evidence.ts';
import { Field, type Json, Malformed } from './reader.ts';
import { TermReader, TermWriter } from './terms.ts';

/**
 * A certificate: what was asked about which sources, and the claims with their evidence, as text that a later reader
 * checks against a second reading of the sources. The digest finds accidental damage; what protects against deliberate
 * damage is that every claim is checked again from nothing (recheck.ts).
 */
export interface Certificate {
  readonly language: string;
  /** The files that were asked about first, then those they include. */
  readonly sources: readonly HashedSource[];
  /** How many of the sources were asked about; one, if it does not say. */
  readonly units?: number;
  /** Without `include`, which is the reader's business. */
  readonly request: CertifiedRequest;
  /** The user's own sentence, when it was asked in words. */
  readonly sentence?: string;
  readonly claims: readonly CertifiedClaim[];
}

export interface HashedSource {
  /** Relative to the certificate's folder, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
}

export type CertifiedRequest = Omit<FrontEndRequest, 'options'> & {
  readonly options: Omit<FrontEndRequest['options'], 'include'>;
};

export interface CertifiedClaim {
  /** Which of the tasks that the request makes. */
  readonly task: number;
  /** The claim is about these of the task's targets only, by their places in its list: an answer about some properties. */
  readonly targets?: readonly number[];
  /** The sentence of that task, which must come out again. */
  readonly question: string;
  /** The answer is about the program whose signed overflow wraps around. */
  readonly wrapped: boolean;
  readonly claim: DecidedClaim;
  /** That no undefined behaviour happens, where a termination answer rests on it. */
  readonly side?: DecidedClaim;
}

export type DecidedClaim = Extract<Claim, { answer: 'yes' | 'no' }>;

/** A claim whose evidence is still JSON: it becomes evidence when the program is there to read it against. */
export interface UnreadClaim extends Omit<CertifiedClaim, 'claim' | 'side'> {
  readonly claim: (program: Program) => DecidedClaim;
  readonly side?: (program: Program) => DecidedClaim;
}

export interface UnreadCertificate extends Omit<Certificate, 'claims'> {
  readonly claims: readonly UnreadClaim[];
}

export const hashSource = (source: Source): string => createHash('sha256').update(source.text).digest('hex');

export function writeCertificate(certificate: Certificate): string {
  const { request, sentence } = certificate;
  const body = {
    format: 1,
    language: certificate.language,
    sources: certificate.sources.map((s) => ({ path: s.path, sha256: s.sha256 })),
    ...(certificate.units === undefined || certificate.units === 1 ? {} : { units: certificate.units }),
    request: writeRequest(request),
    ...(sentence === undefined ? {} : { sentence }),
    claims: certificate.claims.map((c) => ({
      task: c.task,
      ...(c.targets ? { targets: [...c.targets] } : {}),
      question: c.question,
      wrapped: c.wrapped,
      claim: writeClaim(c.claim),
      ...(c.side ? { side: writeClaim(c.side) } : {}),
    })),
  };
  return `${JSON.stringify({ ...body, digest: digest(body) }, undefined, 1)}\n`;
}

const digest = (body: Json): string => createHash('sha256').update(JSON.stringify(body)).digest('hex');

function writeClaim(claim: DecidedClaim): Json {
  const terms = new TermWriter();
  const evidence = writeEvidence(claim.evidence, terms);
  return { by: claim.by, answer: claim.answer, terms: terms.nodes, evidence };
}

function writeRequest(request: CertifiedRequest): Json {
  const { question, functionName, event, options } = request;
  return {
    question,
    ...(functionName === undefined ? {} : { function: functionName }),
    ...(event ? { event: writeEvent(event) } : {}),
    integers: options.integers,
    dataModel: options.dataModel,
    checks: [...options.checks].sort(),
    ...(options.allocation ? { allocation: options.allocation } : {}),
  };
}

function writeEvent(event: RequestedEvent): Json {
  if (event.kind === 'print') return { kind: event.kind, text: event.text };
  if (event.kind === 'failure') return { kind: event.kind };
  const value = typeof event.value === 'boolean' ? event.value : String(event.value);
  return { kind: event.kind, value, ...(event.other === undefined ? {} : { other: event.other }) };
}

/** Reads a certificate; the error is a sentence about what is wrong with it. */
export function readCertificate(text: string): Result<UnreadCertificate, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err('the certificate is not JSON');
  }
  try {
    return ok(certificateOf(new Field(json)));
  } catch (error) {
    if (error instanceof Malformed) return err(error.message);
    throw error;
  }
}

function certificateOf(field: Field): UnreadCertificate {
  field.only('format', 'language', 'sources', 'units', 'request', 'sentence', 'claims', 'digest');
  if (field.at('format').value !== 1) field.at('format').fail('1, the only format');
  const { digest: expected, ...body } = field.value as { digest: unknown } & Record<string, Json>;
  if (digest(body) !== expected) throw new Malformed('the digest does not fit: the certificate was changed or damaged');
  const sentence = field.at('sentence');
  const units = field.at('units');
  return {
    language: field.at('language').text(),
    sources: field
      .at('sources')
      .list(10_000)
      .map((s) => ({ path: s.only('path', 'sha256').at('path').text(), sha256: s.at('sha256').text() })),
    ...(units.present ? { units: units.natural() } : {}),
    request: readRequest(field.at('request')),
    ...(sentence.present ? { sentence: sentence.text() } : {}),
    claims: field.at('claims').list(10_000).map(readUnread),
  };
}

function readRequest(field: Field): CertifiedRequest {
  field.only('question', 'function', 'event', 'integers', 'dataModel', 'checks', 'allocation');
  const name = field.at('function');
  const event = field.at('event');
  const allocation = field.at('allocation');
  return {
    question: field.at('question').oneOf('always', 'ever', 'terminates', 'check', 'sensible'),
    ...(name.present ? { functionName: name.text() } : {}),
    ...(event.present ? { event: readEvent(event) } : {}),
    options: {
      integers: field.at('integers').oneOf('c', 'wrap', 'math'),
      dataModel: field.at('dataModel').oneOf('lp64', 'ilp32'),
      checks: new Set(
        field
          .at('checks')
          .list(100)
          .map((c) => c.oneOf(...checkKinds)),
      ),
      ...(allocation.present ? { allocation: allocation.oneOf('may-fail', 'succeeds') } : {}),
    },
  };
}

function readEvent(field: Field): RequestedEvent {
  const kind = field.at('kind').oneOf('print', 'returns', 'failure');
  if (kind === 'print') return { kind, text: field.only('kind', 'text').at('text').text() };
  if (kind === 'failure') {
    field.only('kind');
    return { kind };
  }
  const { value } = field.only('kind', 'value', 'other').at('value');
  const other = field.at('other');
  return {
    kind,
    value: typeof value === 'boolean' ? value : field.at('value').integer(),
    ...(other.present ? { other: other.boolean() } : {}),
  };
}

function readUnread(field: Field): UnreadClaim {
  field.only('task', 'targets', 'question', 'wrapped', 'claim', 'side');
  const targets = field.at('targets');
  const side = field.at('side');
  return {
    task: field.at('task').natural(),
    ...(targets.present ? { targets: targets.list().map((t) => t.natural()) } : {}),
    question: field.at('question').text(),
    wrapped: field.at('wrapped').boolean(),
    claim: readClaim(field.at('claim')),
    ...(side.present ? { side: readClaim(side) } : {}),
  };
}

/** Throws Malformed when it is given a program that the evidence does not fit. */
function readClaim(field: Field): (program: Program) => DecidedClaim {
  field.only('by', 'answer', 'terms', 'evidence');
  const by = field.at('by').text();
  const answer = field.at('answer').oneOf('yes', 'no');
  return (program) => {
    const evidence: Evidence = readEvidence(field.at('evidence'), program, new TermReader(program, field.at('terms')));
    return { by, answer, evidence };
  };
}
