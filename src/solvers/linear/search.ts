import type { Polynomial } from '../../verdict/arithmetic/polynomial.ts';
import { type Literal, not, type Problem } from '../../verdict/arithmetic/problem.ts';
import { type ArithmeticProof, integer, type ProofStep, type Refutation } from '../../verdict/arithmetic/proof.ts';
import { writeForm } from './fact.ts';
import { LinearTheory, type TheoryConflict } from './theory.ts';

/**
 * Conflict-driven clause learning over the literals of a problem with linear integer arithmetic as its theory
 * (NieuwenhuisOT-JACM'06); each learned clause is a `resolution` step of the proof and each theory conflict an `arithmetic` one.
 *
 * Gates become clauses. Decisions are made only where the formula needs them: from the root down, a false conjunction that has no
 * false input yet gets one; definitions of atoms count once the atom occurs in a bound that matters. When nothing is open, the integers are
 * decided. Bounds on the same form are linked by clauses, so that x >= 5 propagates x >= 3.
 */
interface Clause {
  readonly literals: Literal[];
  /** The hint that stands for it in a proof: a step, or minus a gate; undefined while the step is not written (a link). */
  hint: number | undefined;
  readonly learned: boolean;
  activity: number;
}

interface Step {
  readonly content: ProofStep;
  /** Earlier steps that must be in the proof too. */
  readonly uses: readonly number[];
}

export type SearchResult =
  | { readonly kind: 'refuted'; readonly proof: ArithmeticProof }
  /** The integers found satisfy all that was decided; whether products and opaque operators fit is for the caller to see. */
  | { readonly kind: 'candidate' }
  | { readonly kind: 'unknown'; readonly reason: string };

const firstRestart = 100;
const firstCleaning = 2000;

export class Search {
  readonly #problem: Problem;
  readonly #spend: (cost: number) => boolean;
  readonly theory: LinearTheory;
  /** By literal: 1 true, -1 false, 0 open. */
  readonly #values: number[] = [];
  readonly #levelOf: number[] = [];
  readonly #positions: number[] = [];
  readonly #reasons: (Clause | undefined)[] = [];
  /** By variable at level 0: the step that derived it; -1 for what holds from the start. */
  readonly #units: number[] = [];
  readonly #trail: Literal[] = [];
  readonly #levels: number[] = [];
  #propagated = 0;
  #asserted = 0;
  readonly #watches: Clause[][] = [];
  #learned: Clause[] = [];
  /** By form: its bound variables in order of `at`. */
  readonly #bounds: number[][] = [];
  readonly #activity: number[] = [];
  #increment = 1;
  readonly #phases: boolean[] = [];
  readonly #steps: Step[] = [];
  readonly #marks: number[] = [];
  #mark = 0;
  readonly #atomMarks: number[] = [];
  #known = 0;
  #gatesDone = 0;
  conflicts = 0;
  /** The step that derives the empty clause, once level 0 is contradictory. */
  #last: number | undefined;

  constructor(problem: Problem, spend: (cost: number) => boolean) {
    this.#problem = problem;
    this.#spend = spend;
    this.theory = new LinearTheory(problem, spend);
    this.#extend();
    for (const literal of [0, problem.root, ...problem.definitions]) this.#axiom(literal);
  }

  /** Takes in variables that are new in the problem. requires: level 0. */
  #extend(): void {
    const { variables } = this.#problem;
    for (; this.#known < variables.length; this.#known++) {
      this.#values.push(0, 0);
      this.#watches.push([], []);
      this.#levelOf.push(0);
      this.#positions.push(0);
      this.#units.push(-1);
      this.#activity.push(0);
      this.#phases.push(false);
      this.#marks.push(0);
    }
    for (let v = this.#gatesDone; v < variables.length; v++) {
      const variable = variables[v]!;
      if (variable.kind === 'bound') this.#link(v, variable.form, variable.at);
      else if (variable.kind === 'and') {
        const output = 2 * v;
        for (const input of variable.inputs) this.#attach([not(output), input], -v);
        this.#attach([output, ...variable.inputs.map(not)], -v);
      }
    }
    this.#gatesDone = variables.length;
  }

  /** Clauses between neighbours among the bounds of one form: form >= high implies form >= low. */
  #link(v: number, form: number, at: bigint): void {
    const row = (this.#bounds[form] ??= []);
    let i = row.length;
    while (i > 0 && this.#at(row[i - 1]!) > at) i--;
    row.splice(i, 0, v);
    if (i > 0) this.#attach([not(2 * v), 2 * row[i - 1]!], undefined);
    if (i + 1 < row.length) this.#attach([not(2 * row[i + 1]!), 2 * v], undefined);
  }

  #at(v: number): bigint {
    const variable = this.#problem.variables[v]!;
    return variable.kind === 'bound' ? variable.at : 0n;
  }

  /** A literal that holds from the start. requires: level 0. */
  #axiom(literal: Literal): void {
    if (this.#values[literal] === 0) this.#assign(literal, undefined);
    else if (this.#values[literal]! < 0) {
      if (this.#last === undefined) this.#finish([], this.#unitUses([literal]));
    }
  }

  // Proof steps.

  #write(content: ProofStep, uses: readonly number[]): number {
    this.#steps.push({ content, uses });
    return this.#steps.length - 1;
  }

  #hintOf(clause: Clause): number {
    if (clause.hint === undefined) {
      const premises = clause.literals.map(not);
      const of = [[0, 1] as const, [1, 1] as const];
      const refutation: Refutation = [{ rule: 'farkas', of }];
      clause.hint = this.#write({ rule: 'arithmetic', premises, refutation }, []);
    }
    return clause.hint;
  }

  #unitUses(literals: readonly Literal[]): number[] {
    const uses: number[] = [];
    for (const l of literals) {
      const unit = this.#units[l >> 1]!;
      if (unit >= 0) uses.push(unit);
    }
    return uses;
  }

  #finish(hints: readonly number[], uses: readonly number[]): void {
    this.#last = this.#write({ rule: 'resolution', clause: [], hints }, [...hints.filter((h) => h >= 0), ...uses]);
  }

  /** The steps that the given one needs, renumbered. Steps that name literals or read pairs all stay: numbers hang on them. */
  #proof(last: number): ArithmeticProof {
    const needed = new Set<number>([last]);
    for (let i = last; i >= 0; i--) {
      const { content, uses } = this.#steps[i]!;
      if (content.rule === 'bound' || content.rule === 'congruence') needed.add(i);
      if (needed.has(i)) for (const use of uses) needed.add(use);
    }
    const numbers = new Map<number, number>();
    const steps: ProofStep[] = [];
    for (let i = 0; i <= last; i++) {
      if (!needed.has(i)) continue;
      const { content } = this.#steps[i]!;
      numbers.set(i, steps.length);
      if (content.rule !== 'resolution') steps.push(content);
      else steps.push({ ...content, hints: content.hints.map((h) => (h < 0 ? h : numbers.get(h)!)) });
    }
    return { steps };
  }

  // Clauses.

  /** Adds a clause of at least two distinct literals. The watched ones come first. requires: level 0. */
  #attach(literals: Literal[], hint: number | undefined, learned = false): Clause {
    const clause: Clause = { literals, hint, learned, activity: 0 };
    // At level 0 a clause may be false or unit already: put open literals first, and propagate.
    literals.sort((a, b) => Number(this.#values[b]! >= 0) - Number(this.#values[a]! >= 0));
    this.#watch(clause);
    if (this.#values[literals[0]!]! < 0) {
      if (this.#last === undefined) this.#finish([this.#hintOf(clause)], this.#unitUses(literals));
    } else if (this.#values[literals[1]!]! < 0 && this.#values[literals[0]!] === 0) this.#assign(literals[0]!, clause);
    return clause;
  }

  #watch(clause: Clause): void {
    this.#watches[clause.literals[0]! ^ 1]!.push(clause);
    this.#watches[clause.literals[1]! ^ 1]!.push(clause);
  }

  #assign(literal: Literal, reason: Clause | undefined): void {
    this.#values[literal] = 1;
    this.#values[literal ^ 1] = -1;
    const v = literal >> 1;
    this.#levelOf[v] = this.#levels.length;
    this.#reasons[v] = reason;
    this.#positions[v] = this.#trail.length;
    if (this.#levels.length === 0 && reason) {
      const uses = this.#unitUses(reason.literals.filter((l) => l !== literal));
      const hint = this.#hintOf(reason);
      const hints = [hint];
      this.#units[v] = this.#write(
        { rule: 'resolution', clause: [literal], hints },
        hint >= 0 ? [hint, ...uses] : uses,
      );
    }
    this.#trail.push(literal);
  }

  #backtrack(level: number): void {
    if (this.#levels.length <= level) return;
    const length = this.#levels[level]!;
    for (let i = this.#levels.length; i > level; i--) this.theory.pop();
    for (let i = this.#trail.length - 1; i >= length; i--) {
      const literal = this.#trail[i]!;
      this.#values[literal] = 0;
      this.#values[literal ^ 1] = 0;
      this.#phases[literal >> 1] = (literal & 1) === 0;
    }
    this.#trail.length = length;
    this.#levels.length = level;
    this.#propagated = Math.min(this.#propagated, length);
    this.#asserted = Math.min(this.#asserted, length);
  }

  /** A false clause, or undefined. */
  #propagate(): Clause | undefined {
    while (this.#propagated < this.#trail.length) {
      const literal = this.#trail[this.#propagated++]!;
      const watches = this.#watches[literal]!;
      const falsified = literal ^ 1;
      let kept = 0;
      for (let i = 0; i < watches.length; i++) {
        const clause = watches[i]!;
        const { literals } = clause;
        if (literals[0] === falsified) {
          literals[0] = literals[1]!;
          literals[1] = falsified;
        }
        const first = literals[0]!;
        if (this.#values[first]! > 0) {
          watches[kept++] = clause;
          continue;
        }
        let moved = false;
        for (let k = 2; k < literals.length; k++) {
          const candidate = literals[k]!;
          if (this.#values[candidate]! >= 0) {
            literals[1] = candidate;
            literals[k] = falsified;
            this.#watches[candidate ^ 1]!.push(clause);
            moved = true;
            break;
          }
        }
        if (moved) continue;
        watches[kept++] = clause;
        if (this.#values[first]! < 0) {
          for (let k = i + 1; k < watches.length; k++) watches[kept++] = watches[k]!;
          watches.length = kept;
          return clause;
        }
        this.#assign(first, clause);
      }
      watches.length = kept;
    }
    return undefined;
  }

  /** Clauses first, then bounds to the theory, then the theory's own check. */
  #deduce(): Clause | TheoryConflict | 'budget' | undefined {
    for (;;) {
      const clause = this.#propagate();
      if (clause) return clause;
      while (this.#asserted < this.#trail.length) {
        const literal = this.#trail[this.#asserted++]!;
        if (this.#problem.variables[literal >> 1]!.kind !== 'bound') continue;
        const conflict = this.theory.assert(literal);
        if (conflict) return conflict;
      }
      return this.theory.check();
    }
  }

  #clauseOf(conflict: TheoryConflict): Clause {
    const step = this.#write({ rule: 'arithmetic', ...conflict }, []);
    return { literals: conflict.premises.map(not), hint: step, learned: true, activity: 0 };
  }

  // Conflicts.

  /** Learns from a clause all of whose literals are false; ends the search at level 0. */
  #resolve(conflict: Clause): void {
    this.conflicts++;
    const level = conflict.literals.reduce((max, l) => Math.max(max, this.#levelOf[l >> 1]!), 0);
    this.#backtrack(level);
    if (level === 0) {
      this.#finish([this.#hintOf(conflict)], this.#unitUses(conflict.literals));
      return;
    }
    const mark = ++this.#mark;
    const others: Literal[] = [];
    const reasons: { position: number; clause: Clause }[] = [];
    const uses: number[] = [];
    let open = 0;
    let at = this.#trail.length - 1;
    let asserting = -1;
    for (let clause: Clause = conflict, pivot = -1; ; ) {
      clause.activity = this.conflicts;
      for (const l of clause.literals) {
        const v = l >> 1;
        if (l === pivot || this.#marks[v] === mark) continue;
        this.#marks[v] = mark;
        this.#bump(v);
        if (this.#levelOf[v] === 0) {
          const unit = this.#units[v]!;
          if (unit >= 0) uses.push(unit);
        } else if (this.#levelOf[v] === level) open++;
        else others.push(l);
      }
      while (this.#marks[this.#trail[at]! >> 1] !== mark || this.#levelOf[this.#trail[at]! >> 1] !== level) at--;
      const literal = this.#trail[at--]!;
      open--;
      if (open === 0) {
        asserting = not(literal);
        break;
      }
      clause = this.#reasons[literal >> 1]!;
      pivot = literal;
      reasons.push({ position: this.#positions[literal >> 1]!, clause });
    }
    reasons.sort((a, b) => a.position - b.position);
    const hints = [...reasons.map((r) => this.#hintOf(r.clause)), this.#hintOf(conflict)];
    let back = 0;
    for (const l of others) back = Math.max(back, this.#levelOf[l >> 1]!);
    others.sort((a, b) => this.#levelOf[b >> 1]! - this.#levelOf[a >> 1]!);
    const literals = [asserting, ...others];
    const step = this.#write({ rule: 'resolution', clause: [...literals], hints }, [
      ...hints.filter((h) => h >= 0),
      ...uses,
    ]);
    this.#backtrack(back);
    const learned: Clause = { literals, hint: step, learned: true, activity: this.conflicts };
    if (literals.length > 1) {
      this.#watch(learned);
      this.#learned.push(learned);
      this.#assign(asserting, learned);
    } else {
      this.#assign(asserting, undefined);
      this.#units[asserting >> 1] = step;
    }
    this.#increment *= 1.05;
  }

  #bump(v: number): void {
    this.#activity[v]! += this.#increment;
    if (this.#activity[v]! > 1e100) {
      for (let i = 0; i < this.#activity.length; i++) this.#activity[i]! *= 1e-100;
      this.#increment *= 1e-100;
    }
  }

  /** Forgets the half of the learned clauses that served least recently. requires: level 0. */
  #clean(): void {
    const reasons = new Set(this.#reasons.filter((r, v) => r && this.#values[2 * v] !== 0));
    this.#learned.sort((a, b) => b.activity - a.activity);
    const keep = this.#learned.length >> 1;
    const gone = new Set(this.#learned.filter((c, i) => i >= keep && c.literals.length > 2 && !reasons.has(c)));
    this.#learned = this.#learned.filter((c) => !gone.has(c));
    for (let i = 0; i < this.#watches.length; i++) this.#watches[i] = this.#watches[i]!.filter((c) => !gone.has(c));
  }

  // Decisions.

  /** The literal to suppose next; undefined when all that matters is decided. */
  #decision(): Literal | undefined {
    const mark = ++this.#mark;
    const { variables, atoms, forms, monomials } = this.#problem;
    const stack: Literal[] = [this.#problem.root];
    let best: Literal | undefined;
    let bestScore = -1;
    while (stack.length > 0) {
      const literal = stack.pop()!;
      const v = literal >> 1;
      if (this.#marks[v] === mark) continue;
      this.#marks[v] = mark;
      const variable = variables[v]!;
      if (variable.kind === 'bound') {
        for (const monomial of forms[variable.form]!.keys()) {
          for (const atom of monomials.factors(monomial)) {
            if (this.#atomMarks[atom] === mark) continue;
            this.#atomMarks[atom] = mark;
            for (const definition of atoms[atom]!.definition) stack.push(definition);
          }
        }
      } else if (variable.kind === 'and') {
        if ((literal & 1) === 0) {
          for (const input of variable.inputs) stack.push(input);
          continue;
        }
        // A false conjunction needs one false input.
        const witness = variable.inputs.find((input) => this.#values[input]! < 0);
        if (witness !== undefined) {
          stack.push(not(witness));
          continue;
        }
        for (const input of variable.inputs) {
          if (this.#values[input] !== 0) continue;
          const wanted = not(input);
          const score = this.#activity[input >> 1]! * (this.#phases[input >> 1] === ((wanted & 1) === 0) ? 1.1 : 1);
          if (score > bestScore) {
            best = wanted;
            bestScore = score;
          }
        }
      }
    }
    return best;
  }

  // The loop.

  solve(): SearchResult {
    let restart = firstRestart;
    let sinceRestart = 0;
    let cleaning = firstCleaning;
    for (;;) {
      if (this.#last !== undefined) return { kind: 'refuted', proof: this.#proof(this.#last) };
      if (!this.#spend(1)) return { kind: 'unknown', reason: 'the step budget ended' };
      const conflict = this.#deduce();
      if (conflict === 'budget') return { kind: 'unknown', reason: 'the step budget ended' };
      if (conflict) {
        this.#resolve('literals' in conflict ? conflict : this.#clauseOf(conflict));
        sinceRestart++;
        continue;
      }
      if (sinceRestart >= restart) {
        sinceRestart = 0;
        restart = Math.ceil(restart * 1.3);
        this.#backtrack(0);
        if (this.#learned.length > cleaning) {
          this.#clean();
          cleaning += firstCleaning / 4;
        }
        continue;
      }
      const decision = this.#decision();
      if (decision !== undefined) {
        if (!this.#spend(this.#problem.variables.length >> 3))
          return { kind: 'unknown', reason: 'the step budget ended' };
        this.#levels.push(this.#trail.length);
        this.theory.push();
        this.#assign(decision, undefined);
        continue;
      }
      const integers = this.theory.checkIntegers();
      switch (integers.kind) {
        case 'model':
          return { kind: 'candidate' };
        case 'unknown':
          return integers;
        case 'conflict':
          this.#resolve(this.#clauseOf(integers.conflict));
      }
    }
  }

  // Lemmas from outside.

  /** The truth of a literal in the candidate; undefined if it does not matter. */
  truth(literal: Literal): boolean | undefined {
    const value = this.#values[literal];
    return value ? value > 0 : undefined;
  }

  /** The literal form >= 0 for a lemma, written down as a step where it is new. Ends the candidate. */
  literal(p: Polynomial): Literal {
    this.#backtrack(0);
    const before = this.#problem.variables.length;
    const literal = this.#problem.nonNegative(p);
    if (this.#problem.variables.length > before) {
      this.#write({ rule: 'bound', form: writeForm(p, this.#problem.monomials), at: integer(0n) }, []);
      this.#extend();
    }
    return literal;
  }

  /** Adds the clause that not all the premises hold, which the refutation proves. Ends the candidate. */
  refutePremises(conflict: TheoryConflict): void {
    this.#backtrack(0);
    const step = this.#write({ rule: 'arithmetic', ...conflict }, []);
    const literals = [...new Set(conflict.premises.map(not))];
    this.#lemma(literals, step);
  }

  /** Adds the congruence of two reads. Ends the candidate. */
  congruence(left: number, right: number): boolean {
    this.#backtrack(0);
    const literal = this.#problem.congruence(left, right);
    if (literal === undefined) return false;
    const step = this.#write({ rule: 'congruence', left, right }, []);
    this.#extend();
    if (this.#values[literal]! > 0) return false;
    this.#lemma([literal], step);
    return true;
  }

  #lemma(literals: Literal[], step: number): void {
    if (this.#last !== undefined) return;
    if (literals.length > 1) {
      this.#attach(literals, step);
      return;
    }
    const [literal] = literals;
    if (literal === undefined) {
      this.#finish([step], []);
    } else if (this.#values[literal] === 0) {
      this.#assign(literal, undefined);
      this.#units[literal >> 1] = step;
    } else if (this.#values[literal]! < 0) this.#finish([step], this.#unitUses([literal]));
  }
}
