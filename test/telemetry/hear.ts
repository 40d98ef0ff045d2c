/** Subscribes to all channels, and keeps what they say of one source. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, expect } from 'vitest';
import {
  DiagnosticsChannel,
  type DiagnosticsMessages,
  type DiagnosticsSource,
  publishDiagnostics,
} from '../../src/telemetry/internal.ts';

type Channel = DiagnosticsChannel;
/** A message with the name of its channel. */
export type Said = {
  readonly [Name in Channel]: { readonly name: Name } & DiagnosticsMessages[Name];
}[Channel];

/** Everything that was said in this file, for a last look. */
export const everything: Said[] = [];
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Publishes what happens to a source until the test ends. @returns what is said. */
export function hear(
  source: DiagnosticsSource,
  names: readonly Channel[] = Object.values(DiagnosticsChannel),
): Said[] {
  const said: Said[] = [];
  const listener = (message: unknown, name: string | symbol): void => {
    const { server, handoff, matchmaking } = message as Record<string, unknown>;
    if ((server ?? handoff ?? matchmaking) !== source) return;
    // What the channel of this name says.
    const one = { name, ...(message as object) } as Said;
    said.push(one);
    everything.push(one);
  };
  for (const name of names) subscribe(name, listener);
  const end = publishDiagnostics(source);
  ends.push(() => {
    end();
    for (const name of names) unsubscribe(name, listener);
  });
  return said;
}

/** The names alone. */
export function namesOf(said: readonly Said[]): string[] {
  return said.map(({ name }) => name.replace('godot-enet:', ''));
}

/** The one message of a channel. */
export function only<Name extends Channel>(said: readonly Said[], name: Name): DiagnosticsMessages[Name] {
  const those = said.filter((one) => one.name === name);
  expect(those.length, `${name} in ${namesOf(said).join(' ')}`).toBe(1);
  return those[0] as unknown as DiagnosticsMessages[Name]; // filtered by its name
}
