export type { Fault, FaultHandle, FaultRule } from './fault.ts';
export type { StubUpload } from './file-endpoints.ts';
export { listenOnLoopback, type PortRange } from './listen-on-loopback.ts';
export type { MultipartPart } from './multipart.ts';
export type { StubReport } from './remoting-endpoints.ts';
export type { ReceivedOptions } from './request-log.ts';
export { type ServerStub, type ServerStubOptions, startServerStub } from './server-stub.ts';
export type { StubRequest } from './stub-request.ts';
