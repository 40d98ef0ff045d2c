/** The game of docs/guide/stock-game.md, and of the template of `init`, in the real engine: two ports are others, and an autoload tells what it sees. */
import type { Godot4, Godot4Client } from './engine.ts';
import { completeProject } from './project.ts';

/** Where a server of the game listens. */
export interface StockPorts {
  readonly udp: number;
  readonly tcp: number;
}

/** A player, as somebody sees it. */
export interface Seen {
  readonly x: number;
  readonly y: number;
  readonly score: number;
}

/** A file of the game with a server's ports. */
export function withPorts(text: string, { udp, tcp }: StockPorts): string {
  return text.replace('7777', String(udp)).replace('7778', String(tcp));
}

/** The ports in the line that a server of the game prints. */
export function portsIn(line: string): StockPorts {
  const [, udp, tcp] = /^UDP port (\d+), WebSockets on port (\d+)$/m.exec(line) ?? [];
  return { udp: Number(udp), tcp: Number(tcp) };
}

/** One player's game. */
export class StockGame {
  readonly client: Godot4Client;

  private constructor(client: Godot4Client) {
    this.client = client;
  }

  /** Starts it. @param files of the project, by their paths in it, with the server's ports. */
  static async start(godot: Godot4, files: Readonly<Record<string, string>>): Promise<StockGame> {
    const autoloads = '[autoload]\nHarness="*res://harness.gd"\nProbe="*res://probe.gd"\n';
    const client = await godot.start({
      files: completeProject({
        ...files,
        'project.godot': `${files['project.godot']}\n${autoloads}`,
        'probe.gd': PROBE,
      }),
      args: [],
      timeoutMs: 100_000,
    });
    return new StockGame(client);
  }

  /** What it sees, by the names of players. */
  get seen(): Map<string, Seen> {
    const list =
      this.client.reports.findLast((line) => line.startsWith('players '))?.slice('players '.length) ?? '';
    return new Map(
      list
        .split(';')
        .filter((entry) => entry !== '')
        .map((entry) => {
          const [name = '', ...numbers] = entry.split(' ');
          const [x = 0, y = 0, score = 0] = numbers.map(Number);
          return [name, { x, y, score }];
        }),
    );
  }

  /** The name of its own player. */
  get id(): string {
    const line = this.client.output.findLast((each) => each.startsWith('joined as '));
    return line?.split(' ').at(-1) ?? '';
  }

  /** Waits until something is true of what it sees and prints. */
  until(isTrue: (game: this) => boolean): Promise<void> {
    return this.client.until(() => isTrue(this));
  }
}

/** Reports all players, when they are others than before. */
const PROBE = `extends Node

var told := ""

func _process(_delta: float) -> void:
	var seen := []
	for player in get_node("/root/Main/Players").get_children():
		seen.append("%s %d %d %d" % [player.name, player.position.x, player.position.y, player.score])
	var text := "players " + ";".join(seen)
	if text != told:
		told = text
		Harness.report(text)
`;
