// Fields that providers have in common, so that they are called and explained the same everywhere.

import { bytes, duration, lines, text } from './field.ts';

/** @param from where agents run: "within a container" */
export function serverUrlField(from: string) {
  return text({
    title: 'URL of this server for agents',
    help: `As it is reached from ${from}; ends in /go. Default: the one that the server has for all agents.`,
  });
}

/** How long agents are given when they are stopped. */
export function stopGraceField() {
  return duration({
    title: 'Time to end',
    help: 'What an agent gets to end by itself before it is killed.',
    default: '10s',
  });
}

/** @param byDefault such as 30s */
export function requestTimeoutField(byDefault: string) {
  return duration({ title: 'Time limit of a request', default: byDefault });
}

/** What a container runs instead of its image's own. */
export function commandField() {
  return lines({ title: 'Command', help: 'Instead of that of the image; one argument on each line.' });
}

/** @param min in bytes */
export function memoryLimitField(min?: number) {
  return bytes({ title: 'Memory limit', help: 'Such as 2G.', ...(min === undefined ? {} : { min }) });
}
