/**
 * Which function a call runs, and whether it may (scene-multiplayer 5.1, 5.2, 5.5): names and numbers of methods, authority,
 * `rpc_config`. Two players in the engine, a native one, the server. Each test says which errors the engine prints.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesToVar, Dictionary, type VariantValue, varToStr } from '../../../codec/index.ts';
import { bytes } from '../../support/hex.ts';
import { peer } from '../../support/peers.ts';
import { Arena } from './Arena.ts';
import { type EnginePlayer, EnginePlayers } from './enginePlayers.ts';
import { RPCS } from './gameScript.ts';
import { OwnPlayer } from './OwnPlayer.ts';
import { type Observed, observed } from './observed.ts';
import type { Player } from './player.ts';
import { TYPED_VALUES, TYPES, typedName } from './typedCalls.ts';

const engine = peer('godot4');

describe.skipIf(engine.isMissing)(`calls of Godot 4.6${engine.note}`, { timeout: 60_000 }, () => {
  let players: EnginePlayers;
  let server: Arena;
  let a: EnginePlayer;
  let b: EnginePlayer;
  const native = new OwnPlayer('native', { dialect: '4.6' });
  let all: readonly Player[];

  beforeAll(async () => {
    [server, players] = await Promise.all([Arena.open({ dialect: '4.6' }), EnginePlayers.open()]);
    [a, b] = [await players.add('A'), await players.add('B')];
    await server.gather([a, b], [native]);
    all = [server, a, b, native];
  }, 60_000);
  afterAll(async () => {
    native.close();
    server?.close();
    await players?.close();
  });

  const seen = (action: () => Promise<unknown>): Promise<Observed> =>
    observed(server, players, [a, b, native], action);
  const growAll = (name: string, who: readonly Player[] = all): Promise<unknown> =>
    Promise.all(who.map((one) => one.grow('.', name)));

  test('every method of the script by its number, from everybody to everybody', async () => {
    const names = Object.keys(RPCS).filter((name) => name !== 'mark' && !name.startsWith('order'));
    const { noted, errors, refusals } = await seen(async () => {
      for (const one of all) for (const name of names) await one.rpc('Game', 0, name, name);
    });
    for (const one of all)
      expect(noted[one.name]?.toSorted(), one.name).toEqual(
        all
          .flatMap((from) =>
            names
              .filter((name) => from !== one || name === 'both')
              .map((name) => `Game.${name} ${from.id} ["${name}"]`),
          )
          .sort(),
      );
    expect([errors, refusals]).toEqual([[], {}]);
  });

  test('only the authority calls what is for the authority: the server, a player in the engine, a native one', async () => {
    await growAll('Owned');
    for (const owner of [server, a, native]) {
      for (const one of all) await one.node('Owned', 'set_multiplayer_authority', owner.id);
      for (const one of all)
        expect(await one.node('Owned', 'is_multiplayer_authority'), one.name).toBe(one === owner);
      const { noted, errors, refusals } = await seen(async () => {
        for (const caller of all)
          for (const method of ['order', 'orderBoth'])
            expect(await caller.rpc('Owned', 0, method, owner.name)).toBe(0);
      });
      for (const one of all) {
        const right = [
          ...(one === owner ? [] : [`Owned.order ${owner.id} ["${owner.name}"]`]),
          ...(one === owner ? [] : [`Owned.orderBoth ${owner.id} ["${owner.name}"]`]),
          `Owned.orderBoth ${one.id} ["${owner.name}"]`,
        ];
        expect(noted[one.name]?.toSorted(), one.name).toEqual(right.sort());
      }
      const refused = (one: Player): Player[] => all.filter((from) => from !== one && from !== owner);
      expect(errors.toSorted()).toEqual(
        [a, b]
          .flatMap((one) =>
            refused(one).flatMap((from) =>
              ['order', 'orderBoth'].map(
                (method) =>
                  `RPC '${method}' is not allowed on node /root/Main/${one.name}/Owned from: ${from.id}. Mode is "authority", authority is ${owner.id}.`,
              ),
            ),
          )
          .sort(),
      );
      expect(refusals).toEqual({ 'not-allowed': 2 * refused(server).length });
    }
  });

  test('authority on one side only, and of a node without what is below it', async () => {
    await growAll('Half');
    for (const one of all) await one.grow('Half', 'Below');
    for (const one of [server, a]) await one.node('Half', 'set_multiplayer_authority', a.id, false);
    for (const one of [server, a])
      expect([
        await one.node('Half', 'get_multiplayer_authority'),
        await one.node('Half/Below', 'get_multiplayer_authority'),
      ]).toEqual([a.id, 1]);
    const { noted, errors, refusals } = await seen(async () => {
      await a.rpc('Half', 0, 'order', 'a');
      await server.rpc('Half', 0, 'order', 'server');
      await server.rpc('Half/Below', 0, 'order', 'server');
    });
    const below = 'Half/Below.order 1 ["server"]';
    expect(noted).toEqual({
      server: [`Half.order ${a.id} ["a"]`],
      A: [below],
      B: ['Half.order 1 ["server"]', below],
      native: ['Half.order 1 ["server"]', below],
    });
    expect(errors.toSorted()).toEqual([
      `RPC 'order' is not allowed on node /root/Main/A/Half from: 1. Mode is "authority", authority is ${a.id}.`,
      `RPC 'order' is not allowed on node /root/Main/B/Half from: ${a.id}. Mode is "authority", authority is 1.`,
    ]);
    expect(refusals).toEqual({});
  });

  test('rpc_config of nodes: numbers, modes, a name that the script has, too; changed after the first call', async () => {
    await growAll('Set');
    const entries: [method: string, mode: number, callLocal: boolean][] = [
      ['plain', 1, false],
      ['Plain', 2, true],
      ['_plain', 0, true],
      ['say', 2, true],
    ];
    for (const one of all)
      for (const [method, mode, callLocal] of entries) await configure(one, 'Set', method, mode, callLocal);
    // One that is taken away again.
    for (const one of all) {
      await configure(one, 'Set', 'z2', 2, true);
      await one.node('Set', 'rpc_config', 'z2', null);
    }
    const answers: number[] = [];
    const { noted, errors, refusals } = await seen(async () => {
      for (const one of [server, a, native]) {
        for (const [method] of entries) answers.push(await one.rpc('Set', 0, method, one.name));
        answers.push(await one.rpc('Set', 0, 'z2', one.name));
      }
    });
    expect(answers).toEqual(answers.map(() => 0));
    for (const one of all)
      expect(noted[one.name]?.toSorted(), one.name).toEqual(
        [server, a, native]
          .flatMap((from) => {
            const own = ['Plain', '_plain'];
            const others = ['plain', 'say', 'z2', ...(from === server ? ['Plain'] : [])];
            return (from === one ? own : others).map((name) => `Set.${name} ${from.id} ["${from.name}"]`);
          })
          .sort(),
      );
    const refused = (one: Player): string[] =>
      [server, a, native]
        .filter((from) => from !== one)
        .flatMap((from) => [
          `RPC '_plain' is not allowed on node /root/Main/${one.name}/Set from: ${from.id}. Mode is "disabled", authority is 1.`,
          ...(from === server
            ? []
            : [
                `RPC 'Plain' is not allowed on node /root/Main/${one.name}/Set from: ${from.id}. Mode is "authority", authority is 1.`,
              ]),
        ]);
    expect(errors.toSorted()).toEqual([a, b].flatMap(refused).sort());
    expect(refusals).toEqual({ 'not-allowed': refused(server).length });

    for (const one of all) await configure(one, 'Set', 'plain', 2, true);
    const after = await seen(async () => {
      for (const one of [server, a]) await one.rpc('Set', 0, 'plain', one.name);
    });
    const fromServer = 'Set.plain 1 ["server"]';
    const fromA = `Set.plain ${a.id} ["A"]`;
    expect(after).toEqual({
      noted: { server: [fromA], A: [fromServer], B: [fromServer, fromA], native: [fromServer, fromA] },
      errors: [],
      refusals: {},
    });
  });

  test('typed parameters: what is converted, into what, and what is refused, in the engine and here', async () => {
    const froms = [a, native].map(({ calls }) => calls.length);
    const sent: [value: string, type: string][] = [];
    await a.node('.', 'print_errors', false);
    for (const type of TYPES)
      for (const value of TYPED_VALUES) {
        const number = BigInt(sent.push([varToStr(value), type]) - 1);
        for (const one of [a, native]) await server.rpc('Game', one.id, typedName(type), value, number);
        // A browser takes 65,536 bytes between two frames.
        if (number % 400n === 0n) await server.settle([a, b, native]);
      }
    await server.settle([a, b, native]);
    await a.node('.', 'print_errors', true);
    const [theirs, ours] = [a, native].map((one, i) => {
      const heard: string[] = sent.map(() => 'refused');
      for (const { args } of one.calls.slice(froms[i])) {
        const list = bytesToVar(bytes(args), { exact: true });
        if (Array.isArray(list)) heard[Number(list[1])] = varToStr(list[0] ?? null);
      }
      return heard;
    });
    const kinds: Record<string, number> = {};
    for (const [i, [value, type]] of sent.entries()) {
      const [there, here] = [theirs?.[i] ?? '', ours?.[i] ?? ''];
      if (there === here) continue;
      const kind = differenceOf(type, there, here) ?? `${value} as ${type}: engine ${there}, ours ${here}`;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    expect(kinds).toEqual({
      'refused here: texts and odd ints as colors': 10,
      'refused here: elements that do not convert': 85,
      'refused there: an untyped or otherwise typed container': 5,
    });
    const accepted = theirs?.filter((what) => what !== 'refused').length;
    expect([sent.length, accepted]).toEqual([2624, 363]);
  });
});

/** How typed parameters differ on purpose (docs/guide/scene-multiplayer.md, "What is checked"). */
function differenceOf(type: string, there: string, here: string): string | undefined {
  if (here === 'refused' && type === 'Color') return 'refused here: texts and odd ints as colors';
  if (here === 'refused' && /^(Packed|Array\[)/.test(type))
    return 'refused here: elements that do not convert';
  if (there === 'refused' && /^(Array|Dictionary)\[/.test(type))
    return 'refused there: an untyped or otherwise typed container';
  return undefined;
}

/** `rpc_config` of a node. */
async function configure(
  one: Player,
  path: string,
  method: string,
  mode: number,
  callLocal: boolean,
): Promise<void> {
  if (one instanceof OwnPlayer)
    one.at(path).rpcConfig(method, { rpcMode: RPC_MODES[mode] ?? 'disabled', callLocal });
  else
    await one.node(
      path,
      'rpc_config',
      method,
      new Dictionary<VariantValue, VariantValue>([
        ['rpc_mode', mode],
        ['call_local', callLocal],
      ]),
    );
}

const RPC_MODES = ['disabled', 'any_peer', 'authority'] as const;
