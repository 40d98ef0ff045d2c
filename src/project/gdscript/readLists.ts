/** What stands in brackets of a declaration: parameters, values of an enum. */
import type { SourcePlace } from '../issue.ts';
import type { Cursor } from './cursor.ts';
import type { EnumValueDraft, ParameterDraft } from './draft.ts';
import { type Expression, readExpression, UNKNOWN } from './expression.ts';
import type { Token } from './tokens.ts';
import { readTypeName, type TypeName } from './typeName.ts';

/** Takes why the engine refuses a script. */
export type TakeError = (place: SourcePlace, message: string) => void;

/** The parameters behind an opening bracket, to behind the closing one. */
export function readParameters(cursor: Cursor, error: TakeError): ParameterDraft[] {
  const parameters: ParameterDraft[] = [];
  while (!cursor.skip(')')) {
    const isRest = cursor.skip('...');
    const name = cursor.takeIf('name');
    if (name === undefined) {
      error(cursor.peek(), `Expected a parameter, got ${shownToken(cursor.peek())}`);
      while (!cursor.isAtLine() && !cursor.is(')')) {
        cursor.skipItem();
        cursor.skip(',');
      }
      cursor.skip(')');
      return parameters;
    }
    let type: TypeName | undefined;
    const isInferred = cursor.skip(':=');
    if (!isInferred && cursor.skip(':')) type = readTypeName(cursor);
    const value = isInferred || cursor.skip('=') ? readDefault(cursor) : undefined;
    parameters.push({ name: name.text, type, value, isInferred, isRest });
    if (cursor.skip(',') || cursor.is(')')) continue;
    error(cursor.peek(), `Expected "," or ")" behind a parameter, got ${shownToken(cursor.peek())}`);
    cursor.skipLine();
    return parameters;
  }
  return parameters;
}

function readDefault(cursor: Cursor): Expression {
  const value = readExpression(cursor);
  if (cursor.is(',') || cursor.is(')')) return value;
  cursor.skipItem();
  return UNKNOWN;
}

/** The values of an enum, with their brackets. */
export function readEnumValues(cursor: Cursor, error: TakeError): EnumValueDraft[] {
  const values: EnumValueDraft[] = [];
  if (!cursor.skip('{')) {
    error(cursor.peek(), 'Expected "{" of an enum');
    return values;
  }
  while (!cursor.skip('}')) {
    const item = cursor.takeIf('name');
    if (item !== undefined)
      values.push({ name: item.text, value: cursor.skip('=') ? readExpression(cursor) : undefined });
    if (item !== undefined && (cursor.skip(',') || cursor.is('}'))) continue;
    error(cursor.peek(), `Expected ${item === undefined ? 'a name' : '"," or "}"'} in an enum`);
    cursor.skipLine();
    return values;
  }
  return values;
}

/** A token in a message. */
export function shownToken({ kind, text }: Token): string {
  return kind === 'end' ? 'the end' : JSON.stringify(text.slice(0, 40));
}
