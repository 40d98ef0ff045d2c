/**
 * Custom events with types: an application declares each event once, with the type of its payload or with a schema that
 * checks it. Our addition over enet-server-module 6.3; what travels is the same.
 *
 * Schemas are those of the Standard Schema specification, version 1 (property `~standard`), which valibot, zod, arktype
 * and others implement. They must answer at once: events of a peer keep their order.
 */
import { checkOptions, describe, type OptionNames, suggest } from '../../options/internal.ts';
import type { ClientEventCallback } from './ENetClient.ts';
import { ENetServerPeer } from './ENetServerPeer.ts';
import { attachCheck, type CheckedPayload, type EventCheck } from './eventCheck.ts';
import type { EventPayload } from './packets.ts';
import { plainPayload } from './plainPayload.ts';
import type { ServerEventCallback } from './serverSignals.ts';

/** One step of the way to a value. */
export interface SchemaPathSegment {
  /** The key or the index. */
  readonly key: PropertyKey;
}

/** One thing that a schema did not like. */
export interface SchemaIssue {
  /** What is wrong, in words. */
  readonly message: string;
  /** Where, if the schema says so. */
  readonly path?: readonly (PropertyKey | SchemaPathSegment)[] | undefined;
}

/** A value that a schema let through. */
export interface SchemaSuccess<Output> {
  /** The value, perhaps changed by the schema. */
  readonly value: Output;
  /** Nothing. */
  readonly issues?: undefined;
}

/** A value that a schema refused. */
export interface SchemaFailure {
  /** Why. */
  readonly issues: readonly SchemaIssue[];
}

/** The types of a schema; they exist for the compiler only. */
export interface SchemaTypes<Input, Output> {
  /** What is sent. */
  readonly input: Input;
  /** What the handler gets. */
  readonly output: Output;
}

/** The standard properties of a Standard Schema. */
export interface SchemaProperties<Input, Output> {
  /** The version of the specification. */
  readonly version: 1;
  /** The library. */
  readonly vendor: string;
  /** Checks a value. A promise counts as a refusal, see the header. */
  readonly validate: (
    value: unknown,
  ) => SchemaSuccess<Output> | SchemaFailure | Promise<SchemaSuccess<Output> | SchemaFailure>;
  /** Nothing at run time. */
  readonly types?: SchemaTypes<Input, Output> | undefined;
}

/** A Standard Schema, version 1: from `Input`, which is sent, to `Output`, which the handler gets. */
export interface PayloadSchema<Input = unknown, Output = Input> {
  /** What the specification calls the standard properties. */
  readonly '~standard': SchemaProperties<Input, Output>;
}

/** A payload that is typed, but not checked: see {@link payload}. */
export interface UncheckedPayload<Payload> {
  /** Nothing at run time. */
  readonly unchecked: true;
  /** Never there; it carries the type. */
  readonly type?: Payload;
}

/** What can stand for the payload of an event. */
export type PayloadDeclaration = PayloadSchema | UncheckedPayload<unknown>;

/** Events of one direction by their names. */
export type EventDeclarations = Readonly<Record<string, PayloadDeclaration>>;

/** All events of an application. */
export interface EventContract {
  /** Events that clients trigger and the server handles. */
  readonly toServer: EventDeclarations;
  /** Events that the server triggers and clients handle. */
  readonly toClient: EventDeclarations;
}

/** What is sent for a declared payload. */
export type PayloadToSend<Declaration> =
  Declaration extends UncheckedPayload<infer Payload>
    ? Payload
    : Declaration extends PayloadSchema
      ? NonNullable<Declaration['~standard']['types']>['input']
      : never;

/** What a handler gets for a declared payload. */
export type ReceivedPayload<Declaration> =
  Declaration extends UncheckedPayload<infer Payload>
    ? Payload
    : Declaration extends PayloadSchema
      ? NonNullable<Declaration['~standard']['types']>['output']
      : never;

/** Hears of payloads that were refused; `peer` is `undefined` at a client. */
export type InvalidEventListener = (
  eventName: string,
  issues: readonly SchemaIssue[],
  peer: ENetServerPeer | undefined,
) => void;

/** Options of {@link TypedServerEvents} and {@link TypedClientEvents}. */
export interface TypedEventsOptions {
  /**
   * Called for each payload that was refused. What it throws goes to `onError`. Such payloads are also counted
   * (`EVENT_INVALID`) and traced by the server.
   */
  readonly onInvalid?: InvalidEventListener;
}

/** What {@link TypedServerEvents} needs: an ENetServer. */
export interface EventServer {
  /** As that of ENetServer. */
  registerEvent(eventName: string, callback: ServerEventCallback): void;
  /** As that of ENetServer. */
  unregisterEvent(eventName: string): void;
  /** As that of ENetServer. */
  triggerEvent(
    peerId: number,
    eventName: string,
    payload: EventPayload,
    channel: number,
    reliable: boolean,
  ): number;
  /** As that of ENetServer. */
  triggerEventToAll(
    eventName: string,
    payload: EventPayload,
    channel: number,
    reliable: boolean,
    exclude: Iterable<number>,
  ): void;
}

/** What {@link TypedClientEvents} needs: an ENetClient. */
export interface EventClient {
  /** As that of ENetClient. */
  registerEvent(eventName: string, callback: ClientEventCallback): void;
  /** As that of ENetClient. */
  unregisterEvent(eventName: string): void;
  /** As that of ENetClient. */
  triggerEvent(eventName: string, payload: EventPayload, channel: number, reliable: boolean): number;
}

/** Declares the type of a payload without checking what arrives: only for senders that you trust. */
export function payload<Payload>(): UncheckedPayload<Payload> {
  return { unchecked: true };
}

/**
 * Declares the events of an application. Share the result between the server and TypeScript clients.
 *
 * @throws TypeError for a declaration that is neither a schema nor made by {@link payload}.
 */
export function defineEvents<const Contract extends EventContract>(contract: Contract): Contract {
  checkOptions(contract, { toServer: true, toClient: true }, 'contract', 'direction');
  for (const [direction, declarations] of Object.entries(contract)) {
    for (const [name, declaration] of Object.entries(declarations)) {
      if (isUnchecked(declaration) || isSchema(declaration)) continue;
      throw new TypeError(
        `"${direction}.${name}" expected a Standard Schema of version 1 or payload(), got something else`,
      );
    }
  }
  return contract;
}

/** The events of a server, typed. It adds nothing to the server but what is called on it. */
export class TypedServerEvents<Contract extends EventContract> {
  readonly #server: EventServer;
  readonly #contract: Contract;
  readonly #options: TypedEventsOptions;

  constructor(server: EventServer, contract: Contract, options: TypedEventsOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    this.#server = server;
    this.#contract = contract;
    this.#options = options;
  }

  /**
   * As `ENetServer.registerEvent`. An invalid payload reaches neither the callback nor a signal.
   *
   * @throws TypeError for an event that was not declared.
   */
  registerEvent<Name extends keyof Contract['toServer'] & string>(
    eventName: Name,
    callback: (
      peer: ENetServerPeer,
      payload: ReceivedPayload<Contract['toServer'][Name]>,
      channel: number,
    ) => void,
  ): void {
    // The declaration says what the check lets through.
    const checked = ((peer, value, channel) =>
      callback(peer, value as never, channel)) satisfies ServerEventCallback;
    attachCheck(checked, checkOf(this.#contract.toServer, eventName, this.#options));
    this.#server.registerEvent(eventName, checked);
  }

  /** As `ENetServer.unregisterEvent`. @throws TypeError for an event that was not declared. */
  unregisterEvent(eventName: keyof Contract['toServer'] & string): void {
    declarationOf(this.#contract.toServer, eventName);
    this.#server.unregisterEvent(eventName);
  }

  /** As `ENetServer.triggerEvent`. @throws TypeError for an event that was not declared. */
  triggerEvent<Name extends keyof Contract['toClient'] & string>(
    peerId: number,
    eventName: Name,
    payload: PayloadToSend<Contract['toClient'][Name]>,
    channel: number = 0,
    reliable: boolean = true,
  ): number {
    declarationOf(this.#contract.toClient, eventName);
    return this.#server.triggerEvent(peerId, eventName, payload as EventPayload, channel, reliable);
  }

  /** As `ENetServer.triggerEventToAll`. @throws TypeError for an event that was not declared. */
  triggerEventToAll<Name extends keyof Contract['toClient'] & string>(
    eventName: Name,
    payload: PayloadToSend<Contract['toClient'][Name]>,
    channel: number = 0,
    reliable: boolean = true,
    exclude: Iterable<number> = [],
  ): void {
    declarationOf(this.#contract.toClient, eventName);
    this.#server.triggerEventToAll(eventName, payload as EventPayload, channel, reliable, exclude);
  }
}

/** The events of a client, typed. */
export class TypedClientEvents<Contract extends EventContract> {
  readonly #client: EventClient;
  readonly #contract: Contract;
  readonly #options: TypedEventsOptions;

  constructor(client: EventClient, contract: Contract, options: TypedEventsOptions = {}) {
    checkOptions(options, OPTION_NAMES);
    this.#client = client;
    this.#contract = contract;
    this.#options = options;
  }

  /**
   * As `ENetClient.registerEvent`. An invalid payload reaches neither the callback nor a signal.
   *
   * @throws TypeError for an event that was not declared.
   */
  registerEvent<Name extends keyof Contract['toClient'] & string>(
    eventName: Name,
    callback: (payload: ReceivedPayload<Contract['toClient'][Name]>, channel: number) => void,
  ): void {
    const checked = ((value, channel) => callback(value as never, channel)) satisfies ClientEventCallback;
    attachCheck(checked, checkOf(this.#contract.toClient, eventName, this.#options));
    this.#client.registerEvent(eventName, checked);
  }

  /** As `ENetClient.unregisterEvent`. @throws TypeError for an event that was not declared. */
  unregisterEvent(eventName: keyof Contract['toClient'] & string): void {
    declarationOf(this.#contract.toClient, eventName);
    this.#client.unregisterEvent(eventName);
  }

  /** As `ENetClient.triggerEvent`. @throws TypeError for an event that was not declared. */
  triggerEvent<Name extends keyof Contract['toServer'] & string>(
    eventName: Name,
    payload: PayloadToSend<Contract['toServer'][Name]>,
    channel: number = 0,
    reliable: boolean = true,
  ): number {
    declarationOf(this.#contract.toServer, eventName);
    return this.#client.triggerEvent(eventName, payload as EventPayload, channel, reliable);
  }
}

/** @throws TypeError for an event that was not declared, with the nearest one that was. */
function declarationOf(declarations: EventDeclarations, name: string): PayloadDeclaration {
  const declaration = Object.hasOwn(declarations, name) ? declarations[name] : undefined;
  if (declaration !== undefined) return declaration;
  const near = typeof name === 'string' ? suggest(name, Object.keys(declarations)) : undefined;
  const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
  throw new TypeError(`the event ${describe(name)} was not declared${hint}`);
}

function checkOf(declarations: EventDeclarations, name: string, options: TypedEventsOptions): EventCheck {
  const declaration = declarationOf(declarations, name);
  return (received, sender) => {
    const plain = plainPayload(received);
    const issues = 'message' in plain ? [{ message: plain.message }] : undefined;
    const result = 'message' in plain ? { issues: issues ?? [] } : validate(declaration, plain.object);
    if (result.issues === undefined) return { isValid: true, value: result.value };
    const { issues: found } = result;
    const peer = sender instanceof ENetServerPeer ? sender : undefined;
    const tell = options.onInvalid && (() => options.onInvalid?.(name, found, peer));
    return { isValid: false, message: explain(found), tell } satisfies CheckedPayload;
  };
}

type Validation = SchemaSuccess<unknown> | SchemaFailure;

function validate(declaration: PayloadDeclaration, value: unknown): Validation {
  if (!isSchema(declaration)) return { value };
  try {
    const result = declaration['~standard'].validate(value);
    if (!(result instanceof Promise)) return result;
    // Nobody waits for it, so nobody may be hurt by it.
    result.catch(() => undefined);
    return { issues: [{ message: 'the schema is asynchronous' }] };
  } catch (error) {
    return {
      issues: [{ message: `the schema failed: ${error instanceof Error ? error.message : 'unknown'}` }],
    };
  }
}

function explain(issues: readonly SchemaIssue[]): string {
  const [first] = issues;
  if (first === undefined) return 'refused';
  const path = (first.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return path === '' ? first.message : `${path}: ${first.message}`;
}

function isUnchecked(declaration: unknown): declaration is UncheckedPayload<unknown> {
  return typeof declaration === 'object' && declaration !== null && 'unchecked' in declaration;
}

function isSchema(declaration: unknown): declaration is PayloadSchema {
  // Some libraries make their schemas functions.
  const isHolder =
    (typeof declaration === 'object' && declaration !== null) || typeof declaration === 'function';
  if (!isHolder || !('~standard' in declaration)) return false;
  const standard = declaration['~standard'];
  return (
    typeof standard === 'object' &&
    standard !== null &&
    'version' in standard &&
    standard.version === 1 &&
    'validate' in standard &&
    typeof standard.validate === 'function'
  );
}

const OPTION_NAMES: OptionNames<TypedEventsOptions> = { onInvalid: true };
