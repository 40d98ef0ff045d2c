/** What the parts of a SceneMultiplayer have in common. */
import type { MirrorNode, SceneMirror } from '../../schema/index.ts';
import type { LivePeers } from '../godot/internal.ts';
import type { Behaviour } from './behaviour.ts';
import type { MultiplayerCounters } from './counters.ts';
import { nodePathBetween } from './nodeAddress.ts';
import type { Outgoing } from './outgoing.ts';
import type { RefusalCounter } from './refusalCounter.ts';
import { RpcTables } from './rpcTable.ts';
import type { SwapList } from './swapList.ts';
import type { Traffic } from './traffic.ts';

/** The state that every part reads, and the few things that every part does. */
export class Core {
  /** The tree. */
  readonly mirror: SceneMirror;
  /** Everybody who is admitted. */
  readonly peers: SwapList<number>;
  /** The way out. */
  readonly outgoing: Outgoing;
  /** What was turned away. */
  readonly refusals: RefusalCounter;
  /** What is counted. */
  readonly counters: MultiplayerCounters;
  /** What differs from the engine. */
  readonly behaviour: Behaviour;
  /** Who is there, for operators. */
  readonly live: LivePeers;
  /** Who sends and calls how much. */
  readonly traffic: Traffic;
  /** The methods of nodes. */
  readonly tables: RpcTables = new RpcTables();
  /** Takes a line for a human. */
  readonly trace: (line: string) => void;
  /** The path of the node that all paths begin at; `''` for none. */
  rootPath = '/root';
  /** Whether what goes to a peer that is not here is counted: it may have moved, and nothing of here may follow it. */
  countsGoneTargets = false;
  /** The peer whose packet is being handled; 0 for none. */
  remoteSender = 0;

  constructor(
    mirror: SceneMirror,
    peers: SwapList<number>,
    outgoing: Outgoing,
    refusals: RefusalCounter,
    counters: MultiplayerCounters,
    behaviour: Behaviour,
    live: LivePeers,
    traffic: Traffic,
    trace: (line: string) => void,
  ) {
    this.mirror = mirror;
    this.peers = peers;
    this.outgoing = outgoing;
    this.refusals = refusals;
    this.counters = counters;
    this.behaviour = behaviour;
    this.live = live;
    this.traffic = traffic;
    this.trace = trace;
  }

  /** The node that all paths begin at. */
  rootNode(): MirrorNode | undefined {
    return this.rootPath === '' || this.rootPath === '/' ? undefined : this.mirror.getNode(this.rootPath);
  }

  /** The path of a node as packets name it. */
  addressOf(node: MirrorNode): string {
    return nodePathBetween(this.rootPath, node.getPath().toString());
  }
}
