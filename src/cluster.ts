/**
 * Public entry `godot-enet/cluster`: rooms on more than one machine.
 *
 * @module cluster
 */
import './node/internal.ts';

export * from './cluster/index.ts';
