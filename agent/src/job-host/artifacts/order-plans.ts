import type { ArtifactPlan } from '@go-agent/protocol';

/** The order of publication: external plans, then the built-in ones with all test reports where the first of them stands (agent-protocol 6.1). */
export function orderPlans(plans: readonly ArtifactPlan[]): ArtifactPlan[] {
  const external = plans.filter((plan) => plan.artifactPlanType === 'external');
  const builtIn = plans.filter((plan) => plan.artifactPlanType !== 'external');
  const reports = builtIn.filter((plan) => plan.artifactPlanType === 'unit');
  const [first] = reports;
  const ordered = builtIn.flatMap((plan) => {
    if (plan === first) return reports;
    return plan.artifactPlanType === 'unit' ? [] : [plan];
  });
  return [...external, ...ordered];
}
