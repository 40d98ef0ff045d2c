/** The internal door of the scene mirror, for the other rooms of this package. Nothing of it is public API. */
export { wire } from './mirror/encodeNode.ts';
export { checkedValue, givenValue, META_PREFIX } from './mirror/nodeProperties.ts';
export { parseType } from './mirror/variables.ts';
export { UidIndex } from './project/uidIndex.ts';
export type { GlobalPlace } from './replication/entry.ts';
export { Interest, type InterestCheck } from './replication/interest.ts';
export { checkInterest, INTEREST_NAMES } from './replication/options.ts';
export { replicationPeers } from './replication/replicate.ts';
export { Ticker } from './replication/ticker.ts';
export { configOf } from './tscn/readSceneText.ts';
export { ownVariant, ValueProblem } from './values/ownVariant.ts';
export { CONFIG_CLASS } from './values/SceneReplicationConfig.ts';
export { field } from './values/subnames.ts';
export { composeTransform2D, rotationOf, scaleOf, skewOf } from './values/transform2D.ts';
export { basisFromQuaternion, EULER_ORDERS, eulerOf, quaternionOf, scaleOf3D } from './values/transform3D.ts';
