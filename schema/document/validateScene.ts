/** Checks scene documents against `schema/scene.schema.json` (draft 2020-12), compiled by scripts/sceneValidator.mjs. */

import { findSceneErrors, type ValidatorError } from '../validators/sceneValidator.ts';
import { SceneError, type SceneIssue } from '../values/SceneError.ts';
import type { SceneDocument } from './sceneDocument.ts';

/**
 * Checks the form of a scene document. Whether its classes exist and its values fit shows when a mirror is made of it.
 *
 * @param document - Parsed JSON.
 * @returns The same object, with its type.
 * @throws SceneError with code `ERR_SCENE_SCHEMA` that names the JSON path and what was expected there.
 */
export function validateScene(document: unknown): SceneDocument {
  const errors = findSceneErrors(document);
  if (errors === undefined) return document as SceneDocument;
  const [first, ...rest] = errors.filter((error) => error.keyword !== 'if').map(issueOf);
  throw new SceneError('ERR_SCENE_SCHEMA', [
    first ?? { path: '$', message: 'expected a scene document' },
    ...rest,
  ]);
}

function issueOf({ instancePath, keyword, params, message }: ValidatorError): SceneIssue {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((text, part) => text + (/^\d+$/.test(part) ? `[${part}]` : `.${part}`), '$');
  const text = (name: string): string => String(params[name]);
  switch (keyword) {
    case 'required':
      return { path: `${path}.${text('missingProperty')}`, message: 'expected to be there' };
    case 'additionalProperties':
      return { path: `${path}.${text('additionalProperty')}`, message: 'expected not to be there: unknown' };
    case 'type':
      return { path, message: `expected ${text('type').replaceAll(',', ', ')}` };
    case 'const':
      return { path, message: `expected ${JSON.stringify(params['allowedValue'])}` };
    case 'pattern':
      return { path, message: `expected a text that matches ${text('pattern')}` };
    default:
      return { path, message: message ?? `expected to satisfy ${keyword}` };
  }
}
