/**
 * What Agones' sidecar tells, read from its JSON: proto3 with the names of the fields as they are declared or in camelCase, integers of 64
 * bits as text, and nothing for what is empty.
 */
import { AgonesError, AgonesErrorCode } from './AgonesError.ts';

/** A counter of a game server. */
export interface AgonesCounter {
  /** How many there are, 0 or more. */
  readonly count: number;
  /** How many there may be. */
  readonly capacity: number;
}

/** A list of a game server. */
export interface AgonesList {
  /** What is in it, each value once. */
  readonly values: readonly string[];
  /** How many values there may be, at most 1,000. */
  readonly capacity: number;
}

/** What shall become of a counter. At least one of them; `count` and `by` exclude each other. */
export interface AgonesCounterChange {
  /** The new count, 0 or more and at most the capacity. */
  readonly count?: number | undefined;
  /** How many more, or less when it is negative. */
  readonly by?: number | undefined;
  /** The new capacity, 0 or more. */
  readonly capacity?: number | undefined;
}

/** What shall become of a list. At least one of them. */
export interface AgonesListChange {
  /** All values that it has from now on. */
  readonly values?: readonly string[] | undefined;
  /** The new capacity, 0..1000. Values beyond it are lost. */
  readonly capacity?: number | undefined;
}

/** How Agones looks whether a game server is alive. */
export interface AgonesHealth {
  /** Whether it does not. */
  readonly isDisabled: boolean;
  /** A ping has to come in each period, in seconds. */
  readonly periodSeconds: number;
  /** So many periods without one, and the game server is unhealthy. */
  readonly failureThreshold: number;
  /** It begins so many seconds after the start. */
  readonly initialDelaySeconds: number;
}

/** A game server as Agones sees it. */
export interface AgonesGameServer {
  /** Its name in the cluster. */
  readonly name: string;
  /** Its namespace. */
  readonly namespace: string;
  /** `Scheduled`, `RequestReady`, `Ready`, `Reserved`, `Allocated`, `Shutdown`, `Unhealthy` and others. */
  readonly state: string;
  /** Whether it is being deleted. */
  readonly isDeleted: boolean;
  /** Where players reach it; empty before it is known. */
  readonly address: string;
  /** The ports that players use, by name. */
  readonly ports: ReadonlyMap<string, number>;
  /** All labels. Those of `setLabel` begin with `agones.dev/sdk-`. */
  readonly labels: ReadonlyMap<string, string>;
  /** All annotations. Those of `setAnnotation` begin with `agones.dev/sdk-`. */
  readonly annotations: ReadonlyMap<string, string>;
  /** How it is watched. */
  readonly health: AgonesHealth;
  /** Its counters, by name. */
  readonly counters: ReadonlyMap<string, AgonesCounter>;
  /** Its lists, by name. */
  readonly lists: ReadonlyMap<string, AgonesList>;
}

/** @throws AgonesError BAD_ANSWER for what is no game server. */
export function readGameServer(answer: unknown): AgonesGameServer {
  const meta = fields(field(answer, 'object_meta'));
  const status = fields(field(answer, 'status'));
  const health = fields(field(field(answer, 'spec'), 'health'));
  if (meta === undefined || status === undefined)
    throw badAnswer('a game server with object_meta and status', answer);
  return {
    name: text(meta, 'name'),
    namespace: text(meta, 'namespace'),
    state: text(status, 'state'),
    isDeleted: number(meta, 'deletion_timestamp') !== 0,
    address: text(status, 'address'),
    ports: new Map(items(status, 'ports').map((port) => [text(port, 'name'), number(port, 'port')])),
    labels: texts(meta, 'labels'),
    annotations: texts(meta, 'annotations'),
    health: {
      isDisabled: field(health, 'disabled') === true,
      periodSeconds: number(health, 'period_seconds'),
      failureThreshold: number(health, 'failure_threshold'),
      initialDelaySeconds: number(health, 'initial_delay_seconds'),
    },
    counters: mapOf(status, 'counters', readCounter),
    lists: mapOf(status, 'lists', readList),
  };
}

/** @throws AgonesError BAD_ANSWER for what is no counter. */
export function readCounter(answer: unknown): AgonesCounter {
  if (fields(answer) === undefined) throw badAnswer('a counter', answer);
  return { count: number(answer, 'count'), capacity: number(answer, 'capacity') };
}

/** @throws AgonesError BAD_ANSWER for what is no list. */
export function readList(answer: unknown): AgonesList {
  if (fields(answer) === undefined) throw badAnswer('a list', answer);
  return { values: items(answer, 'values').map(String), capacity: number(answer, 'capacity') };
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}

/** A field by its declared name or its name in camelCase; `undefined` for one that is missing or null. */
function field(value: unknown, name: string): unknown {
  const all = fields(value);
  const camelCase = name.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
  return all?.[name] ?? all?.[camelCase] ?? undefined;
}

function text(value: unknown, name: string): string {
  const found = field(value, name) ?? '';
  if (typeof found === 'string') return found;
  throw badAnswer(`text as ${name}`, found);
}

function number(value: unknown, name: string): number {
  const found = field(value, name) ?? 0;
  const parsed = typeof found === 'string' && /^-?\d+$/.test(found) ? Number(found) : found;
  if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed;
  throw badAnswer(`an integer as ${name}`, found);
}

function items(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name) ?? [];
  if (Array.isArray(found)) return found;
  throw badAnswer(`a list as ${name}`, found);
}

function texts(value: unknown, name: string): Map<string, string> {
  return mapOf(value, name, String);
}

function mapOf<Value>(value: unknown, name: string, read: (item: unknown) => Value): Map<string, Value> {
  return new Map(Object.entries(fields(field(value, name)) ?? {}).map(([key, item]) => [key, read(item)]));
}

function badAnswer(expected: string, got: unknown): AgonesError {
  const shown = JSON.stringify(got)?.slice(0, MOST_SHOWN) ?? 'nothing';
  return new AgonesError(
    AgonesErrorCode.BAD_ANSWER,
    `the sidecar's answer was expected to have ${expected}, got ${shown}`,
  );
}

const MOST_SHOWN = 120;
