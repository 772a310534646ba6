import type { StopReason } from '@go-agent/protocol/elastic';

const MESSAGES: Readonly<Record<StopReason, string>> = {
  'jobs-done': 'It has done as many jobs as its profile allows (jobs_per_agent).',
  'idle-timeout': 'It was idle for longer than its profile allows (idle_timeout).',
  'not-needed': 'The job that it was started for is over, and no other needs it.',
  'never-registered': 'It did not register in time (start_timeout).',
  lost: 'The server has lost contact with it.',
  stuck: 'Its job was taken back long ago, and it has not stopped.',
  disabled: 'It was disabled.',
  leftover: 'The server does not know it: it is a leftover.',
  operator: 'An operator wants it gone.',
};

export function stopMessage(reason: StopReason): string {
  return MESSAGES[reason];
}
