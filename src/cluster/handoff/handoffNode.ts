/** What a handoff needs of the node of its process, and of those that it talks to. */

/** A node that takes rooms. */
export interface OtherNode {
  /** Its id. */
  readonly id: string;
  /** How full it is: nodes with less are taken first. */
  readonly load: number;
}

/** The node of this process, as handoffs see it. */
export interface HandoffNode {
  /** Its id. */
  readonly id: string;
  /** Where clients reach it, by transport: `{ enet: 'host:port', websocket: 'wss://...' }`. */
  readonly addresses: Readonly<Record<string, string>>;
  /**
   * Asks another node.
   *
   * @throws (as rejection) when it does not answer in time. It may have heard.
   */
  request(nodeId: string, name: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Answers what other nodes ask. */
  onRequest(name: string, handler: (bytes: Uint8Array) => Promise<Uint8Array>): void;
  /** By which claim this node has a room; `undefined` for one that it has not. */
  epochOf(roomId: string): number | undefined;
  /** Another node may take a room now, or will not any more: nothing is said of the room meanwhile. */
  giving(roomId: string, isGiving: boolean): void;
  /**
   * Takes the key of a room from the node that has it by a claim, and gives it up.
   *
   * @returns the new claim.
   * @throws (as rejection) when another claim has it by now, or nobody can tell.
   */
  takeRoom(roomId: string, from: number): Promise<number>;
  /** A room that came here takes players: others shall find it. Never rejects. */
  opened(roomId: string): Promise<void>;
  /** Which node has the key of a room. @throws (as rejection) when nobody can tell. */
  ownerOf(roomId: string): Promise<string | undefined>;
  /** Whether a node has ended for certain: what it asked for and was not given it will not get. @throws (as rejection) when nobody can tell. */
  isGone(nodeId: string): Promise<boolean>;
  /** Others shall place no rooms here any more. */
  drain(): void;
  /** The nodes that take rooms now, without this one. */
  others(): Promise<readonly OtherNode[]>;
}
