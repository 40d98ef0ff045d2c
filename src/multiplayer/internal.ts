/** The internal door of SceneMultiplayer, for the other rooms of this package. Nothing of it is public API. */
export { checksumOf, inCallOrder } from './rpcTable.ts';
