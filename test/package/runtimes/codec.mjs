import { bytesToVar, Vector2, varToBytes } from 'godot-enet/codec';

const value = bytesToVar(varToBytes(new Map([['at', new Vector2(1, 2)]])));
console.log(value.get('at').y === 2 ? 'ok' : value);
