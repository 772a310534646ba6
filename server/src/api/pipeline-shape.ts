import type { JobView, MaterialRevisionView, PipelineInstanceView, StageView } from '../domain/views.ts';
import { jobResultWord, jobStateWord, stageResultWord, stageStatusWord } from './gocd-words.ts';

const MATERIAL_TYPE: Readonly<Record<string, string>> = {
  git: 'Git',
  svn: 'Subversion',
  hg: 'Mercurial',
  p4: 'Perforce',
  tfs: 'Tfs',
  dependency: 'Pipeline',
  package: 'Package',
};

/** A pipeline instance as GoCD's API v1 shows it (server-config-api 3.2). */
export function pipelineInstanceShape(instance: PipelineInstanceView): Record<string, unknown> {
  const { buildCause } = instance;
  return {
    name: instance.name,
    counter: instance.counter,
    label: instance.label,
    natural_order: instance.counter,
    can_run: !instance.stages.some(isRunning),
    preparing_to_schedule: false,
    comment: instance.comment ?? null,
    scheduled_date: instance.scheduledAt,
    build_cause: {
      trigger_message: buildCause.message,
      trigger_forced: buildCause.triggerForced,
      approver: buildCause.approver,
      material_revisions: buildCause.materialRevisions.map(materialRevisionShape),
    },
    stages: instance.stages.map(stageShape),
  };
}

function materialRevisionShape(revision: MaterialRevisionView): Record<string, unknown> {
  return {
    changed: revision.changed,
    material: {
      name: revision.materialName,
      fingerprint: revision.fingerprint,
      type: MATERIAL_TYPE[revision.materialType.toLowerCase()] ?? revision.materialType,
      description: revision.description,
    },
    modifications: revision.modifications.map((modification) => ({
      revision: modification.revision,
      modified_time: modification.modifiedAt,
      user_name: modification.userName,
      comment: modification.comment,
      email_address: modification.emailAddress ?? null,
    })),
  };
}

function stageShape(stage: StageView): Record<string, unknown> {
  if (!stage.scheduled) {
    return {
      status: 'Unknown',
      rerun_of_counter: null,
      name: stage.name,
      counter: '1',
      scheduled: false,
      approval_type: stage.approval,
      approved_by: null,
      operate_permission: true,
      can_run: stage.canRun,
      jobs: [],
    };
  }
  return {
    result: stageResultWord(stage.state),
    status: stageStatusWord(stage.state),
    rerun_of_counter: stage.rerunOfCounter ?? null,
    name: stage.name,
    counter: String(stage.counter),
    scheduled: true,
    approval_type: stage.approval,
    approved_by: stage.approvedBy,
    operate_permission: true,
    can_run: stage.canRun,
    jobs: stage.jobs.map(jobSummaryShape),
  };
}

export function jobSummaryShape(job: JobView): Record<string, unknown> {
  return {
    name: job.job,
    scheduled_date: job.scheduledAt,
    state: jobStateWord(job.state),
    result: jobResultWord(job.result),
  };
}

function isRunning(stage: StageView): boolean {
  return stage.scheduled && (stage.state === 'building' || stage.state === 'failing');
}
