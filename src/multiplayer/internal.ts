/** The internal door of SceneMultiplayer, for the other rooms of this package. Nothing of it is public API. */
export type { CarriedPeer, Handover } from './handover.ts';
export { SharedNetIds } from './replication/netIds.ts';
export { checksumOf, inCallOrder, type RpcMethod, type RpcTable, RpcTables } from './rpcTable.ts';
export { sceneMultiplayerAccess } from './SceneMultiplayer.ts';
