/** What one peer has of one node. */
export class NodeView {
  /** It is of interest to the peer. */
  isWanted: boolean;
  /** The peer was told that it is there. */
  isKnown = false;
  /** It waits in the peer's queue. */
  isQueued = false;
  /** The last place was sent unreliably. */
  isLoose = false;
  /** The revisions that were sent last, -1 for none. */
  sentPlace = -1;
  sentProperties = -1;
  sentDetails = -1;

  constructor(isWanted: boolean) {
    this.isWanted = isWanted;
  }

  /** The peer has it no more. */
  forget(): void {
    this.isKnown = false;
    this.isLoose = false;
    this.sentPlace = -1;
    this.sentProperties = -1;
    this.sentDetails = -1;
  }
}
