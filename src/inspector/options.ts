/** What an inspector can be told. */
import {
  checkFunctions,
  checkInteger,
  checkOptions,
  describe,
  type OptionNames,
} from '../../options/internal.ts';
import type { SceneMirror } from '../../schema/index.ts';

/** The options of an {@link Inspector}. */
export interface InspectorOptions {
  /** Heading of the page. Default `"godot-enet"`. */
  readonly title?: string | undefined;
  /**
   * What operators log in with, at least 16 characters; without it only this machine itself is answered. Keep it out of the sources:
   * `token: process.env.CONSOLE_TOKEN`.
   */
  readonly token?: string | undefined;
  /**
   * Names under which the page is asked for, beside those of the loopback addresses and the one that `listen` was given:
   * `['console.example.com']`, with a port if only that one counts. Default none.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** The path of the page in the application's server, with a slash at both ends: `"/console/"`. Default `"/"`. */
  readonly basePath?: string | undefined;
  /** Memory of recorded datagrams, 1 MiB..4 GiB. Default 64 MiB. */
  readonly trafficBytes?: number | undefined;
  /** How long datagrams are kept, 1,000..86,400,000 ms. Default 10 minutes. */
  readonly trafficMs?: number | undefined;
  /** Milliseconds between two updates of what goes by, 50..10000. Default 250. */
  readonly updateMs?: number | undefined;
  /** The event that a message of an operator is, to those who speak events. Default `"operator_message"`, with `{ text }`. */
  readonly messageEvent?: string | undefined;
}

/** What `watch` can be told of a server. */
export interface WatchOptions {
  /** What the page calls the server. Default its class and a number. */
  readonly name?: string | undefined;
  /** The tree of an `ENetServer`, to be shown; others have theirs. */
  readonly mirror?: SceneMirror | undefined;
  /**
   * How clients that speak RPCs are told a text of an operator: call a method of the game. Without it there are no messages to them. `to`:
   * the peer, and its room, if the server has rooms; without a peer all.
   */
  readonly message?:
    | ((text: string, to: { readonly peerId?: number; readonly room?: string }) => void)
    | undefined;
}

/** What an inspector works with. */
export interface InspectorSettings {
  readonly title: string;
  readonly basePath: string;
  readonly trafficBytes: number;
  readonly trafficMs: number;
  readonly updateMs: number;
  readonly messageEvent: string;
}

/** What is used where an option is not given. */
export const INSPECTOR_DEFAULTS: InspectorSettings = {
  title: 'godot-enet',
  basePath: '/',
  trafficBytes: 67_108_864,
  trafficMs: 600_000,
  updateMs: 250,
  messageEvent: 'operator_message',
};

/** @throws TypeError or RangeError naming the option. */
export function checkInspectorOptions(options: InspectorOptions): InspectorSettings {
  checkOptions(options, OPTION_NAMES);
  const { title, basePath, trafficBytes, trafficMs, updateMs, messageEvent } = INSPECTOR_DEFAULTS;
  const path = options.basePath ?? basePath;
  if (typeof path !== 'string' || !/^\/(?:[\w.~-]+\/)*$/.test(path))
    throw new RangeError(`"basePath" expected a path such as "/console/", got ${describe(path)}`);
  const event = options.messageEvent ?? messageEvent;
  if (typeof event !== 'string' || event === '')
    throw new TypeError('"messageEvent" expected the name of an event');
  return {
    title: String(options.title ?? title),
    basePath: path,
    trafficBytes: checkInteger(
      'trafficBytes',
      options.trafficBytes ?? trafficBytes,
      1_048_576,
      4_294_967_296,
    ),
    trafficMs: checkInteger('trafficMs', options.trafficMs ?? trafficMs, 1000, 86_400_000),
    updateMs: checkInteger('updateMs', options.updateMs ?? updateMs, 50, 10_000),
    messageEvent: event,
  };
}

/** @throws TypeError naming the option. */
export function checkWatchOptions(options: WatchOptions): void {
  checkOptions(options, WATCH_NAMES);
  checkFunctions(options, ['message']);
}

const OPTION_NAMES: OptionNames<InspectorOptions> = {
  title: true,
  token: true,
  allowedHosts: true,
  basePath: true,
  trafficBytes: true,
  trafficMs: true,
  updateMs: true,
  messageEvent: true,
};
const WATCH_NAMES: OptionNames<WatchOptions> = { name: true, mirror: true, message: true };
