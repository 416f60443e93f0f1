/** The names that a node itself binds, deletes or declares (language reference 4.2.1); not those of the nodes below it. */
import { children, type Node } from './ast.ts';

export function namesBoundAt(node: Node): readonly (string | null)[] {
  switch (node.kind) {
    case 'FunctionDef':
    case 'AsyncFunctionDef':
    case 'ClassDef':
      return [node.name];
    case 'alias':
      return [node.asname ?? node.name.split('.')[0]!];
    case 'Global':
    case 'Nonlocal':
      return node.names;
    case 'ExceptHandler':
    case 'MatchAs':
    case 'MatchStar':
      return [node.name];
    case 'MatchMapping':
      return [node.rest];
    case 'NamedExpr':
      return [node.target.id];
    case 'Assign':
    case 'Delete':
      return node.targets.flatMap(targetNames);
    case 'AugAssign':
    case 'AnnAssign':
    case 'For':
    case 'AsyncFor':
    case 'comprehension':
      return targetNames(node.target);
    case 'withitem':
      return node.optional_vars ? targetNames(node.optional_vars) : [];
    default:
      return [];
  }
}

function targetNames(node: Node): string[] {
  if (node.kind === 'Name') return [node.id];
  if (node.kind === 'Tuple' || node.kind === 'List') return node.elts.flatMap(targetNames);
  return node.kind === 'Starred' ? targetNames(node.value) : [];
}

/** Every node of the trees, in no particular order. */
export function* nodesOf(roots: readonly Node[]): Generator<Node> {
  const stack = [...roots];
  for (let node = stack.pop(); node; node = stack.pop()) {
    yield node;
    stack.push(...children(node));
  }
}
