/** Which expressions may be assigned to, deleted, or assigned in place (language reference 7.2, 7.5). */
import type { Expression } from './ast.ts';
import { SyntaxFault } from './syntax-fault.ts';

/** What CPython calls an expression in its messages. */
export function describe(node: Expression): string {
  switch (node.kind) {
    case 'Attribute':
      return 'attribute';
    case 'Subscript':
      return 'subscript';
    case 'Starred':
      return 'starred';
    case 'Name':
      return 'name';
    case 'List':
      return 'list';
    case 'Tuple':
      return 'tuple';
    case 'Lambda':
      return 'lambda';
    case 'Call':
      return 'function call';
    case 'BoolOp':
    case 'BinOp':
    case 'UnaryOp':
      return 'expression';
    case 'GeneratorExp':
      return 'generator expression';
    case 'Yield':
    case 'YieldFrom':
      return 'yield expression';
    case 'Await':
      return 'await expression';
    case 'ListComp':
      return 'list comprehension';
    case 'SetComp':
      return 'set comprehension';
    case 'DictComp':
      return 'dict comprehension';
    case 'Dict':
      return 'dict literal';
    case 'Set':
      return 'set display';
    case 'JoinedStr':
    case 'FormattedValue':
      return 'f-string expression';
    case 'Constant':
      switch (node.value.type) {
        case 'None':
          return 'None';
        case 'Ellipsis':
          return 'ellipsis';
        case 'bool':
          return node.value.value ? 'True' : 'False';
        default:
          return 'literal';
      }
    case 'Compare':
      return 'comparison';
    case 'IfExp':
      return 'conditional expression';
    case 'NamedExpr':
      return 'named expression';
    case 'Slice':
      return 'slice';
  }
}

const expectedTarget = 'a name, an attribute, a subscript, or a tuple or list of these';

/** Checks that `node` may be assigned to (or, with `use` delete, deleted) and returns it. */
export function asTarget(node: Expression, use: 'assign to' | 'delete' = 'assign to'): Expression {
  const stack: { readonly node: Expression; readonly inStar: boolean }[] = [{ node, inStar: false }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node: target, inStar } = top;
    switch (target.kind) {
      case 'Name':
      case 'Attribute':
      case 'Subscript':
        break;
      case 'Tuple':
      case 'List':
        for (const elt of [...target.elts].reverse()) stack.push({ node: elt, inStar: false });
        break;
      case 'Starred':
        if (use === 'delete' || inStar) throw notTarget(target, use);
        stack.push({ node: target.value, inStar: true });
        break;
      default:
        throw notTarget(target, use);
    }
  }
  return node;
}

function notTarget(node: Expression, use: string): SyntaxFault {
  const comparison =
    node.kind === 'Compare' || node.kind === 'BinOp' || node.kind === 'Call' || node.kind === 'Constant';
  return new SyntaxFault(`cannot ${use} ${describe(node)}`, node.start, node.end, {
    expected: expectedTarget,
    ...(comparison && use === 'assign to' ? { hint: "did you mean '==' instead of '='?" } : {}),
  });
}
