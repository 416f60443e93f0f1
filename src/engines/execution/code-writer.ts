import { type Edge, type LocationId, mainProcedure, type Procedure } from '../../program/program.ts';
import type { SymbolTerm, Term } from '../../terms/term.ts';
import { asValue, TermWriter } from './expression.ts';
import { functionText } from './function-text.ts';
import { complementary, exclusive } from './guards.ts';
import { type CallSite, type Layout, ownVariables } from './layout.ts';
import type { ProgramTables } from './program-tables.ts';
import { atStart, CompileLimit, type CompileOptions, type Status, statusCode } from './protocol.ts';
import { SlotCode } from './slot-code.ts';
import { Constants, convert, type Names, type Piece } from './term-facts.ts';

const longestText = 4_000_000;
const deepestInline = 30;
/** Text after which nothing is written twice any more: very long functions are not made into good machine code. */
const longestCopied = 30_000;

/**
 * Writes the text of one form of a program's code: the frame of the function, a case for each label, and what happens at
 * locations and on edges. An edge computes into constants and sets variables at its end, so that nothing has to be undone
 * when it turns out to be blocked or a number too large.
 */
export class CodeWriter {
  readonly #layout: Layout;
  readonly #options: CompileOptions;
  readonly #speculative: boolean;
  readonly #plain: boolean;
  readonly #tables: ProgramTables;
  readonly #slots: SlotCode;
  readonly #constants = new Constants();
  readonly #lines: string[] = [];
  readonly #labels = new Map<LocationId, number>();
  readonly #pending: LocationId[] = [];
  readonly #mainProcedure: Procedure;
  #length = 0;
  #fresh = 0;
  /** The label whose code is being written. */
  #current = 0;
  /** How many more locations with several ways in may be written where they are reached, instead of jumped to. */
  #copies = 0;
  /** Most steps from the present label to where code can pause again. */
  #longestPath = 0;
  /** Where the present label's test for pausing stands among the lines; -1 if it ends before. */
  #pauseLine = -1;

  constructor(tables: ProgramTables, form: { readonly speculative: boolean; readonly plain: boolean }) {
    this.#tables = tables;
    this.#layout = tables.layout;
    this.#options = tables.options;
    this.#speculative = form.speculative;
    this.#plain = form.plain;
    this.#mainProcedure = mainProcedure(tables.layout.program);
    this.#slots = new SlotCode(tables.layout, this.#constants, form.speculative);
  }

  write(): { text: string; constants: readonly unknown[] } {
    this.#copies = 2 * this.#tables.out.size + 20;
    if (this.#plain) for (const at of this.#tables.out.keys()) this.#label(at);
    this.#emit('case 0: L0: for (;;) {');
    this.#writeStart();
    this.#emit('}');
    for (let at = this.#pending.shift(); at !== undefined; at = this.#pending.shift()) {
      this.#longestPath = 1;
      const label = this.#labels.get(at)!;
      this.#current = label;
      this.#emit(`case ${label}: L${label}: for (;;) {`);
      this.#pauseLine = -1;
      this.#writeLocation(at, 0, 0);
      if (this.#pauseLine >= 0) {
        this.#lines[this.#pauseLine] =
          `if (fuel < ${this.#longestPath}) { loc = ${at}; status = ${statusCode.paused}; break main; }`;
      }
      this.#emit('}');
    }
    const { load, save } = this.#variables();
    const locations = this.#constants.add(new Map([[atStart, 0], ...this.#labels]));
    const text = functionText({ locations, load, save, body: this.#lines, cycles: this.#options.cycles });
    if (text.length > longestText) throw new CompileLimit('the program is too long to compile');
    return { text, constants: this.#constants.values };
  }

  /** Code that brings the variables from the state into locals, and back. */
  #variables(): { load: string[]; save: string[] } {
    const { slots, mainSlots } = this.#layout;
    const load: string[] = [];
    const save: string[] = [];
    const variable = (name: string, i: number, index: number): void => {
      load.push(`let ${name} = ${this.#slots.load(slots[i]!, index)};`);
      save.push(`${this.#slots.isNumber(slots[i]!) ? 'N' : 'O'}[${index}] = ${name};`);
    };
    for (let i = 0; i < slots.length; i++) variable(`v${i}`, i, i);
    // The state that cycle detection has kept stands after the present one.
    if (this.#options.cycles) for (const i of mainSlots) variable(`c${i}`, i, slots.length + i);
    return { load, save };
  }

  #emit(line: string): void {
    this.#length += line.length + 1;
    if (this.#length > longestText) throw new CompileLimit('the program is too long to compile');
    this.#lines.push(line);
  }

  /** The label of a location; label 0 is the start of a run. */
  #label(at: LocationId): number {
    let label = this.#labels.get(at);
    if (label === undefined) {
      label = this.#labels.size + 1;
      this.#labels.set(at, label);
      this.#pending.push(at);
    }
    return label;
  }

  /** A jump to the label whose code this is stays in its loop; the machine code then knows the variables' types. */
  #jump(label: number): string {
    return label === this.#current ? `continue L${label};` : `at = ${label}; continue main;`;
  }

  #temporary = (): string => `t${this.#fresh++}`;

  #terms(): TermWriter {
    return new TermWriter(this.#tables.facts, this.#constants, this.#speculative, this.#temporary);
  }

  #flush(writer: TermWriter): void {
    for (const s of writer.statements) this.#emit(s);
    writer.statements.length = 0;
  }

  /** A condition over the variables as they are, written out. */
  #condition(term: Term, names: Names): string {
    const writer = this.#terms();
    const piece = writer.write(term, names);
    this.#flush(writer);
    return piece.js;
  }

  #writeStart(): void {
    this.#emit(`loc = ${atStart};`);
    this.#longestPath = 1;
    this.#current = 0;
    const pause = this.#lines.length;
    this.#emit('');
    this.#emit('mk = H.mark();');
    const sets: string[] = [];
    for (const slot of this.#layout.mainSlots) {
      const symbol = this.#layout.slots[slot]!;
      const name = this.#temporary();
      this.#emit(
        `const ${name} = ${this.#tables.inputSlots.has(slot) ? this.#slots.input(slot) : this.#slots.default(symbol)};`,
      );
      sets.push(`v${slot} = ${name};`);
    }
    this.#emit(sets.join(' '));
    this.#emit('mk = -1; if (depth > 0) { F.length = 0; depth = 0; } steps = 0; from = fuel; reported = false;');
    if (this.#options.cycles) this.#emit('kept = -1; power = 1; lap = 1;');
    this.#arrive(this.#mainProcedure.entry, 0, 0);
    this.#lines[pause] = `if (fuel < ${this.#longestPath}) { status = ${statusCode.paused}; break main; }`;
  }

  #exit(status: Status, at: LocationId, more = ''): string {
    const ends = status === 'ended' || status === 'blocked' || status === 'check-failed';
    if (ends && this.#options.sweep) {
      const done = `{ loc = ${at}; status = ${statusCode.swept}; break main; }`;
      return `{ runs++; fuel--; if (!H.advance(steps + (from - fuel) - 1, ${statusCode[status]})) ${done} ${this.#jump(0)} }`;
    }
    return `{ ${more}loc = ${at}; status = ${statusCode[status]}; break main; }`;
  }

  /** What happens at a location, then its edges. `depth` counts inlined locations, `path` steps since the label. */
  #writeLocation(at: LocationId, depth: number, path: number): void {
    const { checks, events, targets, out } = this.#tables;
    const procedure = this.#tables.procedureAt.get(at)!;
    const outgoingEdges = out.get(at)!;
    if (path + 1 > this.#longestPath) this.#longestPath = path + 1;
    if (this.#speculative) this.#emit(`loc = ${at};`);
    for (const i of targets.get(at) ?? []) {
      const target = this.#options.targets[i]!;
      const holds = this.#condition(target.property, this.#slots.names);
      this.#emit(`if (${this.#options.wanted ? '' : '!'}(${holds})) ${this.#exit('met', at, `hit = ${i}; `)}`);
    }
    if (this.#tables.cuts.has(at) && at !== this.#mainProcedure.entry) this.#writeCut(at);
    for (const check of checks.get(at) ?? []) {
      const holds = this.#condition(check.property, this.#slots.names);
      this.#emit(`if (!(${holds})) ${this.#exit('check-failed', at, `hit = ${check.id}; `)}`);
    }
    if (this.#options.events && events.has(at)) {
      this.#emit('if (!reported) {');
      const calls: string[] = [];
      for (const i of events.get(at)!) {
        const writer = this.#terms();
        const args = this.#layout.program.events[i]!.args.map((a) => asValue(writer.write(a, this.#slots.names)));
        this.#flush(writer);
        const names = args.map((js) => {
          const name = this.#temporary();
          this.#emit(`const ${name} = ${js};`);
          return name;
        });
        calls.push(`H.event(${i}, [${names.join(', ')}]);`);
      }
      this.#emit(calls.join(' '));
      this.#emit('reported = true; }');
    }
    if (at === procedure.exit && procedure !== this.#mainProcedure) {
      this.#writeReturn(procedure);
      return;
    }
    if (at === procedure.exit && this.#layout.sites.some((s) => s.callee === procedure)) {
      this.#emit('if (depth > 0) {');
      this.#writeReturn(procedure);
      this.#emit('}');
    }
    if (outgoingEdges.length === 0) {
      this.#emit(this.#exit('ended', at));
      return;
    }
    if (depth === 0) {
      this.#pauseLine = this.#lines.length;
      this.#emit('');
    }
    this.#writeEdges(at, outgoingEdges, depth, path);
  }

  #writeCut(at: LocationId): void {
    const { mainSlots, slots } = this.#layout;
    if (this.#options.heads) {
      const values = mainSlots
        .map((i) => {
          const piece = this.#slots.names(slots[i]!);
          // Floats as Values: as numbers, the zeros would be the same.
          return piece.representation.startsWith('float') ? asValue(piece) : piece.js;
        })
        .join(', ');
      this.#emit('if (depth === 0) {');
      const known = this.#temporary();
      this.#emit(`const ${known} = H.head(${at}, steps + (from - fuel), [${values}]);`);
      this.#emit(`if (${known} === 1) ${this.#exit('ended', at)}`);
      this.#emit(`if (${known} === 2) { loc = ${at}; status = ${statusCode.repeated}; break main; }`);
      this.#emit('}');
    }
    if (this.#options.cycles) {
      const same = mainSlots.map((i) => {
        const representation = this.#layout.representation(slots[i]!, this.#speculative);
        if (representation === 'value') return `sameValue(v${i}, c${i})`;
        return representation.startsWith('float') ? `Object.is(v${i}, c${i})` : `v${i} === c${i}`;
      });
      same.sort((a, b) => Number(a.startsWith('same')) - Number(b.startsWith('same')));
      const keep = mainSlots.map((i) => `c${i} = v${i};`).join(' ');
      const now = 'steps + (from - fuel)';
      this.#emit('if (depth === 0) {');
      this.#emit(
        `if (kept === ${at} && keptStep < ${now}${same.map((s) => ` && ${s}`).join('')}) { loc = ${at}; status = ${statusCode.repeated}; break main; }`,
      );
      this.#emit(`if (--lap <= 0) { kept = ${at}; keptStep = ${now}; power *= 2; lap = power; ${keep} }`);
      this.#emit('}');
    }
  }

  #writeEdges(at: LocationId, edges: readonly Edge[], depth: number, path: number): void {
    if (this.#options.ask && edges.length > 1 && !exclusive(edges)) {
      this.#writeChoice(at, edges, depth, path);
      return;
    }
    let previous: Edge | undefined;
    let open = true;
    for (const edge of edges) {
      const skipGuard = previous !== undefined && complementary(previous, edge);
      open = this.#writeEdge(edge, depth, path, skipGuard);
      if (!open) break;
      previous = edge;
    }
    if (open) this.#emit(this.#exit('blocked', at));
  }

  #writeChoice(at: LocationId, edges: readonly Edge[], depth: number, path: number): void {
    const enabled = this.#temporary();
    const taken = this.#temporary();
    this.#emit(`const ${enabled} = [];`);
    for (const [i, edge] of edges.entries()) {
      if (edge.steps.some((s) => s.kind === 'havoc' || s.kind === 'call')) {
        this.#emit(`${enabled}.push(${i});`);
        continue;
      }
      const block = this.#temporary();
      this.#emit(`${block}: {`);
      this.#writeSteps(edge, 0, new Map(), { blocked: `break ${block};`, dry: true });
      this.#emit(`${enabled}.push(${i});`);
      this.#emit('}');
    }
    this.#emit(`if (${enabled}.length > 1) mk = H.mark();`);
    this.#emit(`const ${taken} = ${enabled}.length > 1 ? H.edge(${at}, ${enabled}) : ${enabled}[0];`);
    this.#emit(`switch (${taken}) {`);
    for (const [i, edge] of edges.entries()) {
      this.#emit(`case ${i}: {`);
      if (this.#writeEdge(edge, depth, path, false)) this.#emit(this.#exit('blocked', at));
      this.#emit('}');
    }
    this.#emit(`default: ${this.#exit('blocked', at)}`);
    this.#emit('}');
  }

  /** Writes one edge; false if what follows it cannot be reached (it cannot be blocked). */
  #writeEdge(edge: Edge, depth: number, path: number, skipGuard: boolean): boolean {
    const block = this.#temporary();
    const havocs = edge.steps.some((s) => s.kind === 'havoc');
    this.#emit(`${block}: {`);
    const mark = this.#temporary();
    if (havocs) this.#emit(`const ${mark} = H.mark(); if (mk < 0) mk = ${mark};`);
    const blocked = havocs ? `{ H.reset(${mark}); break ${block}; }` : `break ${block};`;
    const result = this.#writeSteps(edge, skipGuard ? 1 : 0, new Map(), { blocked, dry: false });
    if (result.kind === 'done') this.#writeArrival(edge, depth, path);
    this.#emit('}');
    return result.blocks;
  }

  #writeArrival(edge: Edge, depth: number, path: number): void {
    this.#emit('fuel--;');
    this.#arrive(edge.to, depth + 1, path + 1);
  }

  /** Goes to a location: its code stands here, or control jumps there. */
  #arrive(at: LocationId, depth: number, path: number): void {
    const { waysIn, heads } = this.#tables;
    if (!this.#plain && depth <= deepestInline && !heads.has(at) && this.#length < longestText / 4) {
      const copy = (waysIn.get(at) ?? 0) > 1;
      if (!copy || (this.#length < longestCopied && this.#copies-- > 0)) {
        this.#writeLocation(at, Math.max(1, depth), path);
        return;
      }
    }
    this.#emit(this.#jump(this.#label(at)));
  }

  /**
   * Carries out the steps of an edge from one on, into constants; then sets the variables. A call pushes a frame and goes
   * to the callee's entry. `dry` only tests whether the edge can be taken.
   */
  #writeSteps(
    edge: Edge,
    first: number,
    changed: Map<SymbolTerm, Piece>,
    how: { readonly blocked: string; readonly dry: boolean; readonly beforeCommit?: string },
  ): { kind: 'done' | 'called'; blocks: boolean } {
    let blocks = false;
    const names: Names = (s) => changed.get(s) ?? this.#slots.names(s);
    for (let i = first; i < edge.steps.length; i++) {
      const step = edge.steps[i]!;
      switch (step.kind) {
        case 'assume': {
          const condition = this.#condition(step.condition, names);
          if (condition === 'true') break;
          blocks = true;
          this.#emit(`if (!(${condition})) ${how.blocked}`);
          break;
        }
        case 'assign':
          changed.set(step.target, this.#assigned(step.target, step.value, names));
          break;
        case 'havoc': {
          const slot = this.#layout.slot(step.target)!;
          const name = this.#temporary();
          this.#emit(`const ${name} = ${this.#slots.input(slot)};`);
          changed.set(step.target, { ...this.#slots.names(step.target), js: name });
          break;
        }
        case 'call':
          if (how.dry) return { kind: 'called', blocks };
          this.#writeCall(edge, i, changed, names, how.beforeCommit ?? '');
          return { kind: 'called', blocks };
      }
    }
    if (!how.dry) this.#commit(edge, changed, how.beforeCommit ?? '');
    return { kind: 'done', blocks };
  }

  #commit(edge: Edge, changed: ReadonlyMap<SymbolTerm, Piece>, before: string): void {
    const sets = [...changed].map(([s, piece]) => `v${this.#layout.slot(s)!} = ${piece.js};`);
    const number = this.#tables.edgeNumber.get(edge.id)!;
    const coverage = this.#options.coverage
      ? `if (covered[${number}] === 0) { covered[${number}] = 1; H.novel(${number}); }`
      : '';
    const events = this.#options.events ? 'reported = false;' : '';
    this.#emit(`${before} ${sets.join(' ')} mk = -1; ${events} ${coverage}`);
  }

  /** A value computed for a variable: in its representation, checked against its range, as a constant. */
  #assigned(target: SymbolTerm, value: Term, names: Names): Piece {
    const writer = this.#terms();
    const piece = writer.write(value, names);
    this.#flush(writer);
    return this.#ranged(target, piece, this.#tables.facts.interval(value));
  }

  #ranged(target: SymbolTerm, piece: Piece, interval: { low?: bigint | undefined; high?: bigint | undefined }): Piece {
    const representation = this.#layout.representation(target, this.#speculative);
    let js = piece.js;
    const range = this.#layout.range(target);
    const tests: string[] = [];
    if (range && target.sort.kind === 'int') {
      const literal = (v: bigint): string => (piece.representation === 'number' ? String(v) : `${v}n`);
      if (range.low !== undefined && (interval.low === undefined || interval.low < range.low)) {
        tests.push(`X < ${literal(range.low)}`);
      }
      if (range.high !== undefined && (interval.high === undefined || interval.high > range.high)) {
        tests.push(`X > ${literal(range.high)}`);
      }
    }
    if (tests.length > 0) {
      const name = this.#temporary();
      this.#emit(`const ${name} = ${js};`);
      const nameOf = this.#constants.add(target.name);
      this.#emit(`if (${tests.map((t) => t.replace('X', name)).join(' || ')}) outside(${nameOf}, ${name});`);
      js = name;
    }
    const code = convert({ js, representation: piece.representation }, representation, this.#speculative);
    // A literal or a constant made before stays what it is until the variables are set.
    if (/^(\(?-?\d+n?\)?|true|false|t\d+)$/.test(code)) return { js: code, representation };
    const made = this.#temporary();
    this.#emit(`const ${made} = ${code};`);
    return { js: made, representation };
  }

  #site(edge: Edge, step: number): CallSite {
    return this.#layout.sites.find((s) => s.edge === edge && s.step === step)!;
  }

  #writeCall(edge: Edge, index: number, changed: Map<SymbolTerm, Piece>, names: Names, before: string): void {
    const step = edge.steps[index]!;
    if (step.kind !== 'call') return;
    const site = this.#site(edge, index);
    const { callee } = site;
    this.#emit(
      `if (depth >= ${this.#options.depthLimit}) { loc = ${edge.from}; status = ${statusCode.deep}; break main; }`,
    );
    const args = callee.params.map((p, k) => this.#assigned(p, step.args[k]!, names));
    const owned = ownVariables(callee);
    this.#commit(edge, changed, before);
    this.#emit(`F.push(${owned.map((s) => `v${this.#layout.slot(s)!}, `).join('')}${site.id}); depth++;`);
    const parameters = new Map(callee.params.map((p, k) => [p, args[k]!]));
    for (const s of owned) {
      this.#emit(`v${this.#layout.slot(s)!} = ${parameters.get(s)?.js ?? this.#slots.default(s)};`);
    }
    // A second call on the same edge belongs to the step already counted.
    if (before === '') this.#emit('fuel--;');
    this.#emit(this.#jump(this.#label(callee.entry)));
  }

  /** At a procedure's exit with a frame to return to: the rest of the caller's edge. */
  #writeReturn(procedure: Procedure): void {
    const sites = this.#layout.sites.filter((s) => s.callee === procedure);
    this.#emit('switch (F[F.length - 1]) {');
    for (const site of sites) {
      this.#emit(`case ${site.id}: {`);
      const owned = ownVariables(procedure);
      const changed = new Map<SymbolTerm, Piece>();
      const results = procedure.results.map((r) => this.#slots.names(r));
      for (const [k, s] of owned.entries()) {
        const name = this.#temporary();
        this.#emit(`const ${name} = F[F.length - ${owned.length + 1 - k}];`);
        changed.set(s, { ...this.#slots.names(s), js: name });
      }
      const call = site.edge.steps[site.step]!;
      if (call.kind === 'call') {
        for (const [k, r] of call.results.entries()) {
          const result = results[k];
          if (!result) continue;
          const interval = this.#layout.range(procedure.results[k]!) ?? {};
          // Read before the variables are set, since a result may be a variable of the callee itself.
          changed.set(r, this.#ranged(r, result, interval));
        }
      }
      const pop = `F.length -= ${owned.length + 1}; depth--;`;
      const error = `throw new Error('edge ${site.edge.id} assumes something after a call: lower it on an edge of its own');`;
      const havocs = site.edge.steps.slice(site.step + 1).some((s) => s.kind === 'havoc');
      if (havocs) this.#emit('mk = H.mark();');
      const rest = this.#writeSteps(site.edge, site.step + 1, changed, {
        blocked: error,
        dry: false,
        beforeCommit: pop,
      });
      if (rest.kind === 'done') this.#emit(this.#jump(this.#label(site.edge.to)));
      this.#emit('}');
    }
    this.#emit(`default: throw new Error('INVARIANT broken: no such call');`);
    this.#emit('}');
  }
}
