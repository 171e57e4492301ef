// Stands in for three/webgpu: the names globe.gl imports, never constructed because useWebGPU is off.
export class WebGPURenderer {}
export class StorageInstancedBufferAttribute {}
