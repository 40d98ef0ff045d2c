/** The text resources of a project (`.tres`): data in files of their own, with or without a script. */
import {
  type NodeValue,
  type ProjectFiles,
  ResourceReference,
  readSceneText,
  type SceneReplicationConfig,
  SceneTextError,
  type SceneTextSubResource,
} from '../../schema/index.ts';
import { CONFIG_CLASS, configOf } from '../../schema/internal.ts';
import { type ProjectIssue, refused, unread } from './issue.ts';

/** A text resource. */
export interface ProjectResource {
  /** Its `res://` path. */
  readonly path: string;
  /** Its class, one of the engine: `Resource` for most with a script. */
  readonly class: string;
  /** The `res://` path of its script, `''` for none; what it declares, defaults included, is in the scripts of the project. */
  readonly script: string;
  /** Its `uid://` text, `''` for none. */
  readonly uid: string;
  /** What the file sets, in its order. INTs are bigints; other resources are `ResourceReference`s. */
  readonly properties: ReadonlyMap<string, NodeValue>;
  /** The resources inside of it, by id. */
  readonly subResources: ReadonlyMap<string, SceneTextSubResource>;
  /** Of a SceneReplicationConfig: what a synchronizer takes as `replication_config`. */
  readonly replicationConfig: SceneReplicationConfig | undefined;
}

/** What reading needs. */
export interface ResourceDetails {
  /** The files. */
  readonly files: ProjectFiles;
  /** A path for a `uid://` text; `''` for an unknown one. */
  readonly ensurePath: (pathOrUid: string) => string;
  /** Takes what is wrong. */
  readonly issue: (issue: ProjectIssue) => void;
}

/** Reads all of these files. One that cannot be read is an issue. */
export function readResources(
  paths: readonly string[],
  { files, ensurePath, issue }: ResourceDetails,
): Map<string, ProjectResource> {
  const resources = new Map<string, ProjectResource>();
  for (const path of paths) {
    const text = files(path);
    if (text === undefined) continue;
    if (text.length > LONGEST) {
      issue(unread(path, `It has more than ${LONGEST} characters: not read`));
      continue;
    }
    try {
      resources.set(path, readResource(text, path, ensurePath));
    } catch (error) {
      if (!(error instanceof SceneTextError)) throw error;
      issue(refused(error));
    }
  }
  return resources;
}

function readResource(
  text: string,
  path: string,
  ensurePath: (pathOrUid: string) => string,
): ProjectResource {
  const read = readSceneText(text, { file: path });
  const place = { file: path, offset: 0, line: 1, column: 1 };
  if (read.kind !== 'resource')
    throw new SceneTextError('ERR_TSCN_FORMAT', 'Expected a resource, got a scene', place);
  const { type, uid, properties, subResources } = read;
  const script = properties.get('script');
  const origin = { kind: 'ExtResource', path, uid } as const;
  return {
    path,
    class: type,
    script: script instanceof ResourceReference ? scriptPath(script, ensurePath) : '',
    uid,
    properties,
    subResources,
    replicationConfig:
      type === CONFIG_CLASS ? configOf(properties, origin, place, () => undefined) : undefined,
  };
}

/** As in the engine its uid counts more than its path, where it is known. */
function scriptPath({ uid, path }: ResourceReference, ensurePath: (pathOrUid: string) => string): string {
  return (uid === '' ? '' : ensurePath(uid)) || path;
}

/** Characters of a resource; longer ones are meshes and the like. */
const LONGEST = 4_194_304;
