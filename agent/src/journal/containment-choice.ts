export const CONTAINMENT_CHOICES = ['best', 'session'] as const;
/** `best`: the tightest level that the system and user allow. */
export type ContainmentChoice = (typeof CONTAINMENT_CHOICES)[number];

/** How the courier tells a job host, which has to know before it is given its job. Hidden from jobs. */
export const CONTAINMENT_VARIABLE = 'GO_AGENT_CONTAINMENT';

/** What is no choice is undefined. */
export function parseContainment(text: string | undefined): ContainmentChoice | undefined {
  return CONTAINMENT_CHOICES.find((choice) => choice === (text ?? 'best'));
}
