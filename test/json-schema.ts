/**
 * A validator for the part of JSON Schema that docs/schema uses. A keyword that it does not know is an error, so that a
 * schema cannot ask for what nobody looks at.
 */
type Schema = Readonly<Record<string, unknown>>;

const silent = new Set(['$schema', 'title', 'description', '$defs']);

/** What is wrong, one line each; empty when the value fits. */
export function violations(schema: Schema, value: unknown, root: Schema = schema, path = '$'): string[] {
  const found: string[] = [];
  for (const [keyword, wanted] of Object.entries(schema)) {
    if (silent.has(keyword)) continue;
    switch (keyword) {
      case '$ref':
        found.push(...violations(resolve(root, wanted as string), value, root, path));
        break;
      case 'enum':
        if (!(wanted as unknown[]).includes(value)) found.push(`${path}: ${JSON.stringify(value)} is not allowed`);
        break;
      case 'type':
        if (typeOf(value, wanted as string) === false) found.push(`${path} is not ${wanted}`);
        break;
      case 'required':
        for (const key of wanted as string[]) if (!(key in Object(value))) found.push(`${path}.${key} is missing`);
        break;
      case 'additionalProperties': {
        const known = Object.keys((schema.properties ?? {}) as object);
        for (const key of Object.keys(Object(value))) if (!known.includes(key)) found.push(`${path}.${key} is unknown`);
        break;
      }
      case 'properties':
        for (const [key, inner] of Object.entries(wanted as Record<string, Schema>)) {
          const item = Object(value)[key];
          if (item !== undefined) found.push(...violations(inner, item, root, `${path}.${key}`));
        }
        break;
      case 'items':
        if (Array.isArray(value)) {
          for (const [i, item] of value.entries())
            found.push(...violations(wanted as Schema, item, root, `${path}[${i}]`));
        }
        break;
      case 'oneOf': {
        const results = (wanted as Schema[]).map((s) => violations(s, value, root, path));
        if (results.filter((r) => r.length === 0).length !== 1) found.push(...results.flat());
        break;
      }
      default:
        throw new Error(`the validator does not know the keyword ${keyword}`);
    }
  }
  return found;
}

function resolve(root: Schema, reference: string): Schema {
  let at: unknown = root;
  for (const part of reference.replace(/^#\//, '').split('/')) at = (at as Record<string, unknown>)[part];
  if (typeof at !== 'object' || at === null) throw new Error(`no such definition: ${reference}`);
  return at as Schema;
}

function typeOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
