// Why a job for elastic agents waits, in every case: what its plugin said, or why nobody could be asked.

import type { JobWaitView } from '../../domain/views.ts';
import type { JobRecord } from '../../store/job-record.ts';
import type { BrokerContext } from './broker-context.ts';

/** Undefined for a job that does not wait, or not for elastic agents. */
export function waitView({ scheduler, waits }: BrokerContext, job: JobRecord): JobWaitView | undefined {
  const profileId = job.requirement.elasticProfileId;
  if (job.view.state !== 'scheduled' || profileId === undefined) return undefined;
  const model = scheduler.config();
  const profile = model.elasticProfiles.find(({ id }) => id === profileId);
  const cluster = model.clusterProfiles.find(({ id }) => id === profile?.clusterProfileId);
  if (cluster === undefined) {
    const reason = `The elastic agent profile '${profileId}' is not configured any more. Configure it again, or cancel the job.`;
    return { action: 'unanswered', profileId, reason };
  }
  const where = { profileId, clusterId: cluster.id, pluginId: cluster.pluginId };
  const wait = waits.get(job.view.jobId);
  if (wait === undefined) return { ...where, action: 'asking', reason: 'Its plugin is being asked.' };
  const { action, reason, answeredAt, askAgainAt } = wait;
  return { ...where, action, reason, answeredAt, askAgainAt };
}
