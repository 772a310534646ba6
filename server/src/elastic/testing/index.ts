export { type Happening, interleave } from './elastic-interleaving.ts';
export { ElasticWorld } from './elastic-world.ts';
